import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import type { Workspace } from '../src/api/wire.generated.ts';
import { CARD, layoutOrg } from '../src/org/org-layout.ts';
import { flatten, orgForest } from '../src/org/org-tree.ts';

const SIGNAL = { status: 'ok', reason: null, message: '', nextStep: null, since: null } as const;
function workspace(id: string, parentId: string | null): Workspace {
  return {
    id,
    parentId,
    name: id,
    orgId: 'o',
    kind: 'workspace',
    status: 'online',
    statusReason: null,
    runtime: 'r',
    template: null,
    model: null,
    generation: 1,
    signals: { responsiveness: SIGNAL, capability: SIGNAL, identity: SIGNAL },
    createdAt: '2026-01-01T00:00:00Z',
    onlineAt: null,
    lastHeartbeatAt: null,
  } as Workspace;
}
/** Deterministic pseudo-random numbers, so that a failure can be repeated. */
function* numbers(seed: number): Generator<number> {
  for (let state = seed; ; ) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    yield state / 2_147_483_648;
  }
}
function org(size: number, seed: number): readonly Workspace[] {
  const random = numbers(seed);
  const all: Workspace[] = [];
  for (let index = 0; index < size; index += 1) {
    const parent = Math.floor((random.next().value as number) * (index + 2)) - 2; // never done
    all.push(workspace(`w${index}`, parent < 0 ? 'the concierge' : `w${parent}`));
  }
  return all;
}
const NONE: ReadonlySet<string> = new Set();

test.for([
  [1, 1],
  [2, 7],
  [17, 3],
  [60, 5],
  [300, 11],
  [1000, 13],
] as const)(verifies('I6-map-graph', 'every workspace has one place and no two overlap: %i'), ([size, seed]) => {
  const forest = orgForest(org(size, seed));
  for (const aspect of [0.5, 1.6, 3]) {
    const { placed } = layoutOrg(forest, NONE, aspect);
    expect(new Set(placed.map((each) => each.node.workspace.id)).size).toBe(size);
    const sorted = placed.toSorted((a, b) => a.x - b.x);
    sorted.forEach((one, index) => {
      for (let next = index + 1; next < sorted.length; next += 1) {
        const other = sorted[next];
        if (other === undefined || other.x >= one.x + CARD.width) break;
        expect(
          Math.abs(other.y - one.y) >= CARD.height,
          `${one.node.workspace.id} over ${other.node.workspace.id}`,
        ).toBe(true);
      }
    });
    for (const each of placed) {
      const parent = placed.find((other) => other.node.workspace.id === each.parentId);
      if (parent !== undefined) expect(each.y).toBeGreaterThan(parent.y);
    }
  }
});

test(verifies('I6-map-graph', 'what is folded is not drawn'), () => {
  const forest = orgForest([workspace('a', null), workspace('b', 'a'), workspace('c', 'b')]);
  expect(layoutOrg(forest, new Set(['a'])).placed.map((each) => each.node.workspace.id)).toEqual(['a']);
  expect(flatten(forest, new Set(['b'])).map((each) => each.workspace.id)).toEqual(['a', 'b']);
  expect(forest[0]?.below).toBe(2);
});

test(verifies('I6-map-thousand', 'a thousand workspaces are laid out within a frame or two'), () => {
  const forest = orgForest(org(1000, 42));
  layoutOrg(forest, NONE);
  const started = performance.now();
  layoutOrg(forest, NONE);
  expect(performance.now() - started).toBeLessThan(100);
});

test(verifies('I6-map-graph', 'a parent that is not there hides nobody'), () => {
  expect(orgForest([workspace('a', 'gone'), workspace('b', 'a')]).map((node) => node.workspace.id)).toEqual(['a']);
});

import { verifies } from '@molecule/testkit/verifies';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { homeLayout, homeRuntime, nativeConfigOf, nativeRuntimes } from '../../src/home/index.ts';
import { adapterFor, knownRuntimes, type NativeFile, type RenderInput, type RenderOutcome } from '../../src/index.ts';
import { server } from '../conformance/rendering-cases.ts';
import { nativeTextArbitrary } from './native-text.ts';

const RUNS = 100;
const LAYOUT = homeLayout('/home/p');

const nameArbitrary = fc.oneof(
  fc.constantFrom(
    'molecule-platform',
    'with space',
    'dotted.name',
    'quo"te',
    "apos'trophe",
    'ünï',
    '__proto__',
    'constructor',
    'a/b',
    '$ref',
    '${x}',
  ),
  fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 12 }),
);
const serversArbitrary = fc
  .uniqueArray(
    fc.record({
      name: nameArbitrary,
      command: fc.constantFrom('node', '/opt/x y/run', 'run"quoted"'),
      args: fc.array(fc.constantFrom('--flag', 'two words', "it's", '${PLUGIN_HOME}', 'back\\slash'), { maxLength: 3 }),
      env: fc.dictionary(
        fc.constantFrom('A', 'TOKEN', 'Z_9'),
        fc.constantFrom('${A}', '${secret:TOKEN}', 'plain', 'a ${A} b'),
      ),
    }),
    { minLength: 1, maxLength: 3, selector: ({ name }) => name },
  )
  .map((all) =>
    all.map(({ name, command, args, env }) => server(name, { type: 'stdio', command, args, env: { ...env } })),
  );

function applied(files: readonly NativeFile[], outcome: RenderOutcome): readonly NativeFile[] {
  return files.map((file) => {
    const write = outcome.writes.find(({ id }) => id === file.id);
    return write === undefined ? file : { ...file, text: write.text };
  });
}

test(
  verifies(['B67', 'B69'], 'what is loaded to render alone is what the adapters render with, for every runtime'),
  async () => {
    expect([...nativeRuntimes()].sort()).toEqual([...knownRuntimes()].sort());
    for (const runtime of knownRuntimes()) {
      const native = await nativeConfigOf(runtime);
      if (native === null) throw new Error(`${runtime} has no description of its native files`);
      const lean = homeRuntime(native);
      const adapter = adapterFor(runtime);
      expect(lean.nativeFiles(LAYOUT)).toEqual(adapter.nativeFiles(LAYOUT));
      const files = adapter.nativeFiles(LAYOUT).map((file) => ({ ...file, text: null }));
      const input: RenderInput = {
        layout: LAYOUT,
        files,
        servers: [server('x', { type: 'http', url: 'http://h/mcp', headers: {} })],
        identity: 'I',
        skills: [],
        ledger: null,
      };
      expect(lean.render(input)).toEqual(adapter.render(input));
    }
  },
);

describe.each(knownRuntimes())('%s on a person’s hand-written files', (runtime) => {
  const adapter = adapterFor(runtime);
  const input = (files: readonly NativeFile[], change: Partial<RenderInput>): RenderInput => ({
    layout: LAYOUT,
    files,
    servers: [],
    identity: null,
    skills: [],
    ledger: null,
    ...change,
  });
  const filesWith = (text: string): readonly NativeFile[] =>
    adapter.nativeFiles(LAYOUT).map((file) => ({ ...file, text: file.id === 'servers' ? text : null }));
  const plain = (text: string) => text.replaceAll('${secret:', '${');

  test(
    verifies(
      ['B63', 'B65', 'B68', 'B69', 'T37', 'T38', 'I3-edit-inverse', 'I3-bad-names'],
      'what is rendered is read back, the rest stays, and taking it out gives back the bytes',
    ),
    async () => {
      const native = await nativeConfigOf(runtime);
      if (native === null) throw new Error('no native config');
      fc.assert(
        fc.property(nativeTextArbitrary(native), serversArbitrary, (text, servers) => {
          const before = filesWith(text);
          const outcome = adapter.render(input(before, { servers }));
          if (outcome.report.some(({ action }) => action === 'refused_corrupt'))
            return expect(outcome.writes).toEqual([]);
          const after = applied(before, outcome);
          const kept = new Set(
            outcome.report.filter(({ action }) => action === 'kept_theirs').map((note) => note.server),
          );
          const [theirs, now] = [adapter.read(before, LAYOUT), adapter.read(after, LAYOUT)];
          for (const { name, descriptor } of servers) {
            if (kept.has(name)) continue;
            if (descriptor.type === 'http') throw new Error('only stdio is generated');
            const env = Object.fromEntries(Object.entries(descriptor.env).map(([key, value]) => [key, plain(value)]));
            expect(Object.entries(now).find(([key]) => key === name)?.[1]).toEqual({
              ...descriptor,
              args: descriptor.args.map(plain),
              env,
            });
          }
          for (const [name, entry] of Object.entries(theirs)) {
            if (kept.has(name) || !servers.some((each) => each.name === name))
              expect(Object.entries(now).find(([key]) => key === name)?.[1]).toEqual(entry);
          }
          const ledger = JSON.parse(JSON.stringify(outcome.ledger));
          const again = adapter.render(input(after, { servers, ledger }));
          expect(again.writes).toEqual([]);
          expect(applied(after, adapter.render(input(after, { ledger })))).toEqual(before);
        }),
        { numRuns: RUNS },
      );
    },
  );

  test(
    verifies(
      ['B68', 'I3-edit-inverse'],
      'plugins that come and go one by one, in any order, leave the bytes of before',
    ),
    async () => {
      const native = await nativeConfigOf(runtime);
      if (native === null) throw new Error('no native config');
      fc.assert(
        fc.property(nativeTextArbitrary(native), fc.array(fc.nat({ max: 2 }), { maxLength: 6 }), (text, toggles) => {
          const all = ['alpha', 'be ta', 'gam"ma'].map((name) =>
            server(name, { type: 'stdio', command: name, args: [], env: {} }),
          );
          const before = filesWith(text);
          let [files, ledger]: [readonly NativeFile[], RenderInput['ledger']] = [before, null];
          let present: readonly number[] = [];
          for (const each of [
            ...toggles,
            ...[0, 1, 2].filter((index) => toggles.filter((other) => other === index).length % 2 === 1),
          ]) {
            present = present.includes(each) ? present.filter((other) => other !== each) : [...present, each];
            const outcome = adapter.render(
              input(files, { servers: present.flatMap((index) => all[index] ?? []), ledger }),
            );
            [files, ledger] = [applied(files, outcome), outcome.ledger];
          }
          expect(present).toEqual([]);
          expect(files).toEqual(before);
        }),
        { numRuns: RUNS },
      );
    },
  );
});

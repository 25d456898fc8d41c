import type { Isolation, Readiness, Workspace } from '@molecule/contracts';
import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import { changeLines, readinessLines } from '../src/commands/ws/workspace-lines.ts';

function linesOf(isolation: Isolation | null): string[] {
  const readiness: Readiness = {
    workspaceId: 'w',
    bootId: null,
    servers: [],
    isolation,
    summary: { able: true, headline: 'x is online', nextStep: null },
  };
  return readinessLines(readiness).split('\n').slice(2);
}

const HELD = { filesystem: 'enforced', processes: 'enforced', network: 'enforced', user: 'enforced' } as const;

test(
  verifies('I2-sup-isolation', 'what keeps a box apart is told wall by wall, and a wall that is not there is marked'),
  () => {
    expect(linesOf({ measured: true, backend: 'process', mechanism: 'bubblewrap', ...HELD })).toEqual([
      'Isolation (measured by trying to break out): by bubblewrap',
      '  ok filesystem',
      '  ok processes',
      '  ok network',
      '  ok user',
    ]);
    expect(
      linesOf({
        ...{ measured: true, backend: 'process', mechanism: 'none' },
        ...HELD,
        network: 'not_enforced',
        reason: 'a port of the machine answered',
        hint: 'Install bubblewrap.',
      }),
    ).toEqual([
      'Isolation (measured by trying to break out): nothing keeps this box apart',
      '  ok filesystem',
      '  ok processes',
      '  NO network',
      '  ok user',
      '  a port of the machine answered',
      '  Next: Install bubblewrap.',
    ]);
  },
);

test(verifies('I2-sup-isolation', 'walls that nobody tried yet are not called in force'), () => {
  expect(
    linesOf({ measured: false, backend: 'process', mechanism: 'bubblewrap', shortfall: 'no network namespaces' }),
  ).toEqual(['Isolation: by bubblewrap, not measured yet; no network namespaces']);
  expect(linesOf(null)).toEqual([]);
});

test(
  verifies('I3-switch', 'the preview of a change names each field that changes, and what a new runtime keeps'),
  () => {
    // A preview looks at these fields alone.
    const before = { name: 'seo', parentId: null, runtime: 'one', status: 'online' } as Workspace;
    expect(changeLines(before, before)).toBe('Nothing would change.');
    const lines = changeLines(before, { ...before, name: 'seo2' } as Workspace);
    expect(lines).toBe('Would change:\n  name: seo -> seo2');
    const switched = changeLines(before, { ...before, runtime: 'two', status: 'provisioning' } as Workspace);
    expect(switched).toContain('  runtime: one -> two\n  status: online -> provisioning\n');
    expect(switched).toContain('conversations stay');
  },
);

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { adapterFor, knownRuntimes, type RuntimeObservation } from '@molecule/adapters';
import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import { molecule } from './plugin/molecule-process.ts';

const OBSERVED = join(import.meta.dirname, '..', '..', 'adapters', 'observed');
const records = new Map(
  readdirSync(OBSERVED).map((name) => {
    const record = JSON.parse(readFileSync(join(OBSERVED, name), 'utf8')) as RuntimeObservation; // the kit's own file
    return [record.runtime, record] as const;
  }),
);

type Row = Readonly<Record<string, unknown>> & { runtime: string; ladder: Readonly<Record<string, string>> };

test(
  verifies('I3-matrix', 'the matrix says of each runtime what the record of its kit says, and nothing beyond it'),
  async () => {
    const done = await molecule(['--json', 'runtimes']);
    expect(done.code).toBe(0);
    const rows = JSON.parse(done.stdout) as Row[];
    expect(rows.map(({ runtime }) => runtime)).toEqual(knownRuntimes());
    for (const row of rows) {
      const record = records.get(row.runtime);
      const { capabilities } = adapterFor(row.runtime);
      const observed = (fact: string) => record?.observed.includes(fact) === true;
      expect(row).toMatchObject({
        tested: record?.tested ?? 'never',
        testedVersion: record?.version ?? null,
        envReference: capabilities.envReference,
        trustSwitch: capabilities.trustSwitch ?? null,
        reload: capabilities.reload,
      });
      for (const fact of ['streaming', 'resume', 'cancel', 'httpServers', 'requiredServers'] as const)
        expect([row.runtime, fact, row[fact]]).toEqual([row.runtime, fact, capabilities[fact] && observed(fact)]);
      for (const rung of ['rendered', 'parsed', 'live', 'used'])
        expect([row.runtime, rung, row.ladder[rung]]).toEqual([
          row.runtime,
          rung,
          observed(rung) ? 'seen' : 'not_seen',
        ]);
    }
  },
);

test(verifies('I3-matrix', 'as text it has a line for each, and says which were not run'), async () => {
  const { stdout } = await molecule(['runtimes']);
  for (const runtime of knownRuntimes()) expect(stdout).toMatch(new RegExp(`^${runtime}\\s`, 'm'));
  expect(stdout).toMatch(/^hermes\s+format-tested, not run\s/m);
});

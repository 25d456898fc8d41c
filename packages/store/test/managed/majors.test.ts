import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { verifies } from '@molecule/testkit/verifies';
import { describe, expect, test } from 'vitest';
import { startManagedPostgres } from '../../src/managed/managed-postgres.ts';
import { chooseServerBinaries, findServerBinaries, type ServerBinaries } from '../../src/managed/server-binaries.ts';
import { silentLog, temporaryFolder } from './data-directories.ts';

const installation = (major: number): ServerBinaries => ({
  origin: 'system',
  root: `/pg/${major}`,
  version: `${major}.1`,
  major,
  links: [],
});

describe('the choice of an installation', () => {
  test('a new directory takes the best, an existing one only its own major', () => {
    const found = [installation(18), installation(15)];
    expect(chooseServerBinaries(undefined, found).major).toBe(18);
    expect(chooseServerBinaries(15, found).major).toBe(15);
  });

  test(verifies('I2-pg-major', 'a major that is not here is refused, and both sides are named'), () => {
    expect(() => chooseServerBinaries(16, [installation(18), installation(15)])).toThrow(
      expect.objectContaining({ code: 'database_major_mismatch', params: { found: 16, have: '15, 18' } }),
    );
  });

  test('no installation at all is said with the platform', () => {
    expect(() => chooseServerBinaries(undefined, [])).toThrow(
      expect.objectContaining({
        code: 'database_binaries_missing',
        params: { platform: `${process.platform}-${process.arch}` },
      }),
    );
  });
});

const [best, other] = [...findServerBinaries()].filter(
  (candidate, index, all) => all.findIndex((same) => same.major === candidate.major) === index,
);

describe('an existing directory', () => {
  test(verifies('I2-pg-major', 'is not started when its record names a major that is not here'), async () => {
    const dataDir = join(temporaryFolder(), 'postgres');
    await (await startManagedPostgres({ dataDir, log: silentLog })).stop();
    const record = join(dataDir, 'server.json');
    const major = best?.major ?? 0;
    writeFileSync(record, readFileSync(record, 'utf8').replace(`"major": ${major}`, `"major": ${major - 4}`));
    await expect(startManagedPostgres({ dataDir, log: silentLog })).rejects.toMatchObject({
      code: 'database_major_mismatch',
      params: { found: major - 4 },
    });
  });

  test.runIf(best !== undefined && other !== undefined)(
    'of a second real major runs with that one, and with no other',
    async () => {
      if (best === undefined || other === undefined) return;
      const dataDir = join(temporaryFolder(), 'postgres');
      const server = await startManagedPostgres({ dataDir, log: silentLog, binaries: [other] });
      expect(server.major).toBe(other.major);
      await server.stop();
      await expect(startManagedPostgres({ dataDir, log: silentLog, binaries: [best] })).rejects.toMatchObject({
        code: 'database_major_mismatch',
        params: { found: other.major, have: String(best.major) },
      });
      const again = await startManagedPostgres({ dataDir, log: silentLog });
      expect(again.major).toBe(other.major);
      await again.stop();
    },
  );
});

import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { verifies } from '@molecule/testkit/verifies';
import { afterAll, describe, expect, test } from 'vitest';
import { makeRunnable } from '../../src/managed/binary-copy.ts';
import { startManagedPostgres } from '../../src/managed/managed-postgres.ts';
import { canPass, chooseServerAccount, type ServerAccount } from '../../src/managed/server-account.ts';
import { findServerBinaries } from '../../src/managed/server-binaries.ts';
import { silentLog, temporaryFolder } from './data-directories.ts';
import { startOwner } from './owner-process.ts';

const isRoot = process.geteuid?.() === 0;
const nobody: ServerAccount = { name: 'nobody', uid: 65_534, gid: 65_534 };
const nobodyCanRunUs =
  canPass(nobody, fileURLToPath(new URL('.', import.meta.url))) && canPass(nobody, dirname(process.execPath));

async function startAndStop(dataDir: string): Promise<string> {
  const server = await startManagedPostgres({ dataDir, log: silentLog });
  await server.stop();
  return server.socketDirectory;
}

describe('where the data directory may lie', () => {
  test('a path that is too long for a socket: the socket lies in a private temporary folder, as long as the server runs', async () => {
    const dataDir = join(temporaryFolder(), 'deep'.repeat(20), 'deeper'.repeat(10));
    const server = await startManagedPostgres({ dataDir, log: silentLog });
    expect(server.socketDirectory.startsWith(dataDir)).toBe(false);
    expect(statSync(server.socketDirectory).mode & 0o777).toBe(0o700);
    await server.stop();
    expect(existsSync(server.socketDirectory)).toBe(false);
  });

  test.runIf(isRoot && process.platform === 'linux')(
    verifies('I2-pg-root', 'a folder that only root can enter serves as well'),
    async () => {
      const closed = join(temporaryFolder(), 'closed');
      mkdirSync(closed, { mode: 0o700 });
      await startAndStop(join(closed, 'postgres'));
      await startAndStop(join(closed, 'postgres'));
      expect(statSync(closed).mode & 0o777).toBe(0o700);
    },
  );

  test.runIf(isRoot && nobodyCanRunUs)(
    'an ordinary user runs the server as itself, and root later as that user',
    async () => {
      const folder = temporaryFolder();
      chownSync(folder, nobody.uid, nobody.gid);
      const owner = await startOwner(join(folder, 'postgres'), nobody);
      expect(owner.failed).toBeUndefined();
      expect(statSync(`/proc/${owner.up?.pid}`).uid).toBe(nobody.uid);
      await owner.end();

      // Root opens it as the user that it belongs to, whatever it would choose for a new one.
      const server = await startManagedPostgres({ dataDir: join(folder, 'postgres'), log: silentLog });
      expect(statSync(`/proc/${server.pid}`).uid).toBe(nobody.uid);
      await server.stop();
      const again = await startOwner(join(folder, 'postgres'), nobody);
      expect(again.failed).toBeUndefined();
      await again.end();
    },
  );

  test.runIf(isRoot && nobodyCanRunUs)(
    verifies('I2-bad-datadir', 'an unwritable folder is named, and nothing is made in it'),
    async () => {
      const folder = temporaryFolder();
      const closed = join(temporaryFolder(), 'closed');
      mkdirSync(closed, { mode: 0o700 });
      for (const dataDir of [folder, join(folder, 'new'), closed, join(closed, 'new')]) {
        const owner = await startOwner(dataDir, nobody);
        expect(owner.failed).toMatchObject({ code: 'data_dir_unwritable', params: { path: dataDir } });
      }
      expect(readdirSync(folder)).toEqual([]);
    },
  );
});

describe('what must not be touched', () => {
  test.each<[string, (dir: string) => void]>([
    ['a folder with files of somebody else', (dir) => writeFileSync(join(dir, 'thesis.txt'), 'years of work')],
    ["another program's PostgreSQL directory", (dir) => writeFileSync(join(dir, 'PG_VERSION'), '18\n')],
    ['a server.json that is not ours', (dir) => writeFileSync(join(dir, 'server.json'), '{"port":80}')],
    ['a server.json that cannot be read', (dir) => writeFileSync(join(dir, 'server.json'), 'not json')],
  ])('%s is refused and left as it is', async (_title, fill) => {
    const dataDir = temporaryFolder();
    fill(dataDir);
    const before = readdirSync(dataDir);
    await expect(startManagedPostgres({ dataDir, log: silentLog })).rejects.toMatchObject({
      code: 'data_dir_foreign',
      params: { path: dataDir },
    });
    expect(readdirSync(dataDir)).toEqual(before);
  });

  test(verifies('I2-bad-datadir', 'a file where the directory should be is refused'), async () => {
    const path = join(temporaryFolder(), 'file');
    writeFileSync(path, '');
    await expect(startManagedPostgres({ dataDir: path, log: silentLog })).rejects.toMatchObject({
      code: 'data_dir_foreign',
    });
  });

  test(verifies('I2-bad-datadir', 'a directory of a later version is refused'), async () => {
    const dataDir = temporaryFolder();
    writeFileSync(join(dataDir, 'server.json'), JSON.stringify({ kind: 'molecule-postgres', format: 99 }));
    await expect(startManagedPostgres({ dataDir, log: silentLog })).rejects.toMatchObject({
      code: 'data_dir_newer',
      params: { found: 99 },
    });
    expect(readdirSync(dataDir)).toEqual(['server.json']);
  });
});

const npm = [...findServerBinaries()].find((found) => found.origin === 'npm');

describe.runIf(npm !== undefined && process.platform === 'linux')('the programs from npm', () => {
  if (npm === undefined) return;
  const account = chooseServerAccount();

  test(
    verifies(
      'I2-pg-managed',
      'unpacked without their links, where the account cannot read: a whole copy is made once and works',
    ),
    async () => {
      const folder = temporaryFolder();
      const closed = join(folder, 'home');
      cpSync(npm.root, join(closed, 'native'), { recursive: true, verbatimSymlinks: true });
      for (const { at } of npm.links) rmSync(join(closed, 'native', at), { force: true });
      chmodSync(closed, 0o700);
      const binaries = { ...npm, root: join(closed, 'native') };
      const places = [join(closed, 'unusable'), join(folder, 'cache')];
      if (account === undefined) places.shift();

      const first = makeRunnable(binaries, account, places);
      expect(first).toMatchObject({ copied: true });
      const { status, stderr } = spawnSync(join(first.bin, 'postgres'), ['--version'], account ?? {});
      expect([status, stderr.toString()]).toEqual([0, '']);
      const made = statSync(join(first.bin, 'postgres')).ino;
      expect(statSync(join(makeRunnable(binaries, account, places).bin, 'postgres')).ino).toBe(made);

      writeFileSync(`${join(first.bin, 'initdb')}.cut`, readFileSync(join(first.bin, 'initdb')).subarray(0, 100));
      rmSync(join(first.bin, 'initdb'));
      cpSync(`${join(first.bin, 'initdb')}.cut`, join(first.bin, 'initdb'));
      const mended = makeRunnable(binaries, account, places);
      expect(statSync(join(mended.bin, 'initdb')).size).toBe(statSync(join(npm.root, 'bin', 'initdb')).size);
      expect(readdirSync(join(folder, 'cache'))).toHaveLength(1);
    },
  );

  test('a place that others can write to is never used', () => {
    const shared = join(temporaryFolder(), 'shared');
    mkdirSync(shared);
    chmodSync(shared, 0o777);
    const binaries = { ...npm, links: [...npm.links, { at: 'lib/absent', to: 'lib/libpq.so' }] };
    expect(() => makeRunnable(binaries, account, [shared])).toThrow(/not ours alone/);
    expect(readdirSync(shared)).toEqual([]);
  });
});

const small = isRoot && process.platform === 'linux' ? mountSmallDisk() : undefined;

describe.runIf(small !== undefined)('a full disk', () => {
  test('is named, and nothing half-made stays', async () => {
    const dataDir = join(small ?? '', 'postgres');
    await expect(startManagedPostgres({ dataDir, log: silentLog })).rejects.toMatchObject({ code: 'database_full' });
    expect(readdirSync(dataDir).filter((name) => name.startsWith('cluster'))).toEqual([]);
  });
});

/** Undefined where mounting is not allowed. */
function mountSmallDisk(): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'molecule-disk-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=12m,mode=755', 'tmpfs', folder]).status === 0;
  afterAll(() => {
    if (mounted) spawnSync('umount', [folder]);
    rmSync(folder, { recursive: true, force: true });
  });
  return mounted ? folder : undefined;
}

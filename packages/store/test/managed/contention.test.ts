import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { identifyProcess, isRunning } from '@molecule/processes';
import { verifies } from '@molecule/testkit/verifies';
import { describe, expect, test } from 'vitest';
import { copyPlaces, makeRunnable } from '../../src/managed/binary-copy.ts';
import { startManagedPostgres } from '../../src/managed/managed-postgres.ts';
import { chooseServerAccount } from '../../src/managed/server-account.ts';
import { chooseServerBinaries } from '../../src/managed/server-binaries.ts';
import { readPostmasterFile } from '../../src/managed/server-process.ts';
import { eventually, silentLog, temporaryFolder } from './data-directories.ts';
import { startOwner } from './owner-process.ts';

describe('one server per directory', () => {
  test(
    verifies('I2-pg-one', 'of four processes that start at once on a new directory one wins, the others name it'),
    async () => {
      const dataDir = join(temporaryFolder(), 'postgres');
      const owners = await Promise.all([1, 2, 3, 4].map(() => startOwner(dataDir)));
      const winners = owners.filter((owner) => owner.up !== undefined);
      expect(winners).toHaveLength(1);
      const [winner] = winners;
      for (const owner of owners.filter((other) => other !== winner)) {
        expect(owner.failed).toMatchObject({ code: 'data_dir_locked', params: { pid: winner?.pid } });
      }
      await Promise.all(owners.map((owner) => owner.end()));
    },
  );
});

describe('remains of an earlier server', () => {
  const dataDir = join(temporaryFolder(), 'postgres');
  const cluster = join(dataDir, 'cluster');
  const lockFile = join(cluster, 'postmaster.pid');

  test.runIf(process.platform === 'linux')(
    verifies('I2-pg-stale', 'a zombie with its lock file does not keep the server from starting'),
    async () => {
      await (await startManagedPostgres({ dataDir, log: silentLog })).stop();
      // The server's parent becomes a program that never collects its children.
      const account = chooseServerAccount();
      const places = copyPlaces(account, join(dataDir, 'binaries'));
      const postgres = join(makeRunnable(chooseServerBinaries(undefined), account, places).bin, 'postgres');
      const parent = spawn(
        '/bin/sh',
        ['-c', '"$0" -D "$1" >/dev/null 2>&1 & echo up; exec sleep 60', postgres, cluster],
        {
          stdio: ['ignore', 'pipe', 'ignore'],
          cwd: '/',
          ...(account === undefined ? {} : { uid: account.uid, gid: account.gid }),
        },
      );
      try {
        await once(createInterface(parent.stdout), 'line');
        await eventually(() => readPostmasterFile(cluster)?.status === 'ready');
        const zombie = readPostmasterFile(cluster)?.pid ?? 0;
        process.kill(zombie, 'SIGKILL');
        await eventually(() => identifyProcess(zombie).state === 'zombie');
        expect(existsSync(lockFile)).toBe(true);

        const server = await startManagedPostgres({ dataDir, log: silentLog });
        expect(server.adopted).toBe(false);
        expect(identifyProcess(zombie).state).toBe('zombie');
        await server.stop();
      } finally {
        parent.kill('SIGKILL');
      }
    },
  );

  test(
    verifies(
      'I2-pg-stale',
      'a lock file with the id of another program of today is not believed, and that program is left alone',
    ),
    async () => {
      await (await startManagedPostgres({ dataDir, log: silentLog })).stop();
      const stranger = spawn('sleep', ['60']);
      try {
        writeFileSync(
          lockFile,
          `${stranger.pid}\n${cluster}\n1700000000\n5432\n${join(dataDir, 'socket')}\n\n\nready   \n`,
        );
        const server = await startManagedPostgres({ dataDir, log: silentLog });
        expect(server.adopted).toBe(false);
        await server.stop();
        expect(identifyProcess(stranger.pid ?? 0).state).toBe('running');
      } finally {
        stranger.kill('SIGKILL');
      }
    },
  );

  test.for(['', '\n'])(
    verifies(
      'I2-pg-stale',
      'a lock file that a server killed in its first moments left without an id (%j) is cleared away',
    ),
    async (content) => {
      await (await startManagedPostgres({ dataDir, log: silentLog })).stop();
      writeFileSync(lockFile, content);
      const server = await startManagedPostgres({ dataDir, log: silentLog });
      expect(server.adopted).toBe(false);
      await server.stop();
    },
  );

  test(verifies('I2-pg-stale', 'lock files of our own dead processes are cleared away'), async () => {
    const owner = await startOwner(dataDir);
    await owner.kill();
    const second = await startOwner(dataDir);
    expect(second.up?.adopted).toBe(true);
    await second.end();
    expect(isRunning(second.up?.pid ?? 0)).toBe(false);
  });
});

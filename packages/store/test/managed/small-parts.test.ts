import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { lockDirectory } from '../../src/managed/directory-lock.ts';
import { diagnoseStart } from '../../src/managed/failure-diagnosis.ts';
import { canPass, canReach, chooseServerAccount } from '../../src/managed/server-account.ts';
import { renderServerConfiguration } from '../../src/managed/server-configuration.ts';
import { temporaryFolder } from './data-directories.ts';

describe('the lock of a directory', () => {
  test('admits one of many, and the next when it is released', async () => {
    const folder = join(temporaryFolder(), 'lock');
    const tries = await Promise.allSettled(Array.from({ length: 20 }, () => lockDirectory(folder, folder)));
    const won = tries.filter((entry) => entry.status === 'fulfilled');
    expect(won.length).toBeLessThanOrEqual(1);
    for (const { value } of won) value.release();
    const next = await lockDirectory(folder, folder);
    next.release();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('is not held by a dead process, nor by an earlier one with the id of a living one', async () => {
    const folder = join(temporaryFolder(), 'lock');
    mkdirSync(folder);
    writeFileSync(join(folder, '999999999-boot.1-00000000.held'), '');
    writeFileSync(join(folder, `${process.pid}-boot.1-00000000.held`), '');
    const lock = await lockDirectory(folder, folder);
    expect(readdirSync(folder)).toHaveLength(2); // claim and held, both ours
    lock.release();
  });
});

describe('the account of the server', () => {
  const table = join(temporaryFolder(), 'passwd');

  test('is ourselves unless we are root', () => {
    expect(chooseServerAccount({ effectiveUid: 1000 })).toBeUndefined();
  });

  test('is postgres for root, else nobody, else the person is told', () => {
    writeFileSync(
      table,
      'root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\npostgres:x:101:104::/:/bin/sh\n',
    );
    expect(chooseServerAccount({ effectiveUid: 0, userTable: table })).toEqual({
      name: 'postgres',
      uid: 101,
      gid: 104,
    });
    const owner = { uid: 65_534, gid: 65_534 };
    expect(chooseServerAccount({ effectiveUid: 0, userTable: table, owner })).toEqual({ name: 'nobody', ...owner });
    writeFileSync(table, 'root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n');
    expect(chooseServerAccount({ effectiveUid: 0, userTable: table })?.name).toBe('nobody');
    writeFileSync(table, 'root:x:0:0::/root:/bin/sh\npostgres:x:0:0::/:/bin/sh\n');
    expect(() => chooseServerAccount({ effectiveUid: 0, userTable: table })).toThrow(
      expect.objectContaining({ code: 'database_unprivileged_user_missing' }),
    );
  });

  test('reaches what the mode bits on the whole way allow', () => {
    const stranger = { name: 'stranger', uid: 4_000_000, gid: 4_000_000 };
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'passable', 'open'), { recursive: true });
    mkdirSync(join(folder, 'closed'), { mode: 0o700 });
    mkdirSync(join(folder, 'closed', 'open'));
    expect(canReach(stranger, join(folder, 'passable', 'open'))).toBe(true);
    expect(canPass(stranger, join(folder, 'closed', 'open'))).toBe(false);
    expect(canReach(stranger, join(folder, 'absent'))).toBe(false);
  });
});

describe('the configuration', () => {
  test('quotes values, knows the major, and lets overrides win', () => {
    const text = renderServerConfiguration({
      major: 15,
      socketDirectory: "/it's/here",
      overrides: { work_mem: '8MB' },
    });
    expect(text).toContain("unix_socket_directories = '/it''s/here'");
    expect(text.match(/^work_mem.*$/gm)).toEqual(["work_mem = '8MB'"]);
    expect(text).not.toContain('io_method');
    expect(renderServerConfiguration({ major: 18, socketDirectory: '/s' })).toContain("io_method = 'sync'");
  });
});

describe("what the server's log says about a failed start", () => {
  test.each([
    ['FATAL:  lock file "postmaster.pid" already exists', { kind: 'retry', because: 'lock-file' }],
    [
      'FATAL:  pre-existing shared memory block (key 1, ID 2) is still in use',
      { kind: 'retry', because: 'shared-memory' },
    ],
    [
      'PANIC:  could not write to file "pg_wal/xlogtemp.1": No space left on device',
      { kind: 'final', error: { code: 'database_full' } },
    ],
    [
      'FATAL:  database files are incompatible with server\nDETAIL:  The data directory was initialized by PostgreSQL version 15, which is not compatible with this version 18.4.',
      { kind: 'final', error: { code: 'database_major_mismatch', params: { found: '15', have: '18' } } },
    ],
    [
      '2026-01-01 00:00:00 UTC [1] FATAL:  could not map anonymous shared memory\n',
      {
        kind: 'final',
        error: { code: 'database_start_failed', params: { detail: 'FATAL:  could not map anonymous shared memory' } },
      },
    ],
    ['', { kind: 'final', error: { code: 'database_start_failed', params: { detail: 'SIGKILL' } } }],
  ])('%s', (log, expected) => {
    expect(diagnoseStart(log, 'SIGKILL', '/log')).toMatchObject(expected);
  });
});

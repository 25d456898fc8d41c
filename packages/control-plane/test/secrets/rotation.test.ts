import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifies } from '@molecule/testkit/verifies';
import { sql } from 'kysely';
import { expect, onTestFinished, test } from 'vitest';
import { call, type Plane, startPlane, until } from '../plane.ts';
import { TestBox } from '../test-box.ts';

interface House {
  readonly plane: Plane;
  readonly dataDir: string;
  readonly box: TestBox;
  set(name: string, value: string): ReturnType<typeof call>;
  rotate(): ReturnType<typeof call>;
  /** What the box gets: a value that cannot be opened is left out. */
  given(): Promise<Record<string, string>>;
}

async function house(): Promise<House> {
  const dataDir = await mkdtemp(join(tmpdir(), 'molecule-rotation-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  const plane = await startPlane({ dataDir });
  const host = await plane.host();
  const id = await plane.create('one');
  const box = await TestBox.enrol(plane, await host.next('start', id));
  const api = (method: string, path: string, body: unknown) =>
    call(plane.url, plane.ownerToken, method, `/api/v1${path}`, body);
  return {
    plane,
    dataDir,
    box,
    set: (name, value) => api('POST', '/workspaces/one/secrets', { name, value }),
    rotate: () => api('POST', '/secrets/rotate', {}),
    given: async () => (await call(plane.url, box.apiKey, 'GET', '/api/v1/registry/secrets')).body.secrets,
  };
}

test(
  verifies('I5-secrets-seal', 'a secret that is being stored while the master key is rotated can be opened afterwards'),
  async () => {
    const { plane, dataDir, set, rotate, given } = await house();
    const waiting = async () =>
      (await sql<{ count: number }>`select count(*)::int as count from pg_locks where not granted`.execute(plane.db))
        .rows[0]?.count ?? 0;
    const working: Promise<{ readonly status: number }>[] = [];
    await plane.db.transaction().execute(async (trx) => {
      // Whoever stores a secret waits here for its entry in the audit log: the value is sealed, and not committed.
      await sql`lock table audit in exclusive mode`.execute(trx);
      working.push(set('LATE', 'sealed before'));
      await until(waiting, (count) => count === 1);
      working.push(rotate());
      await until(waiting, (count) => count === 2);
    });
    expect((await Promise.all(working)).map(({ status }) => status)).toEqual([200, 200]);
    expect((await readFile(join(dataDir, 'keys', 'master.key'), 'utf8')).trim().split('\n')).toHaveLength(1);
    expect(await given()).toEqual({ LATE: 'sealed before' });
  },
);

test(
  verifies('I5-secrets-seal', 'rotations at the same time, by two replicas and beside new secrets, lose no secret'),
  async () => {
    const { plane, dataDir, set, rotate, given } = await house();
    const replica = await plane.replica();
    const names = Array.from({ length: 12 }, (_, at) => `SECRET_${at}`);
    const half = names.slice(0, 6);
    for (const name of half) await set(name, name);
    const elsewhere = () => call(replica.url, plane.ownerToken, 'POST', '/api/v1/secrets/rotate', {});
    const answers = await Promise.all([
      rotate(),
      elsewhere(),
      ...names.slice(6).map((name) => set(name, name)),
      rotate(),
      elsewhere(),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(await given()).toEqual(Object.fromEntries(names.map((name) => [name, name])));
    expect((await readFile(join(dataDir, 'keys', 'master.key'), 'utf8')).trim().split('\n')).toHaveLength(1);
  },
);

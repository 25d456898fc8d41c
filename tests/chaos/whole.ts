import { readFileSync } from 'node:fs';
import { verifyAudit } from '@molecule/store';
import { processesOf, type TestInstallation, until } from '@molecule/testkit/installation';
import { expect } from 'vitest';
import type { EventReader } from './event-reader.ts';

/** Nothing lost, nothing doubled: demanded of the installation after the requests for `names` were made and disturbed. */
export async function demandWhole(
  house: TestInstallation,
  names: readonly string[],
  reader: EventReader,
): Promise<void> {
  const database = house.openDatabase();
  try {
    const { kysely } = database;
    // What a killed database server leaves behind still answers for a moment on the lines that are open; a new line waits for the next server.
    const first = kysely.selectFrom('orgs').select('id');
    const org = await until(
      'the database takes new connections',
      () => first.executeTakeFirst().catch(() => undefined),
      Boolean,
      30_000,
    );
    const made = await kysely
      .selectFrom('workspaces')
      .select('name')
      .where('kind', '=', 'workspace')
      .orderBy('created_at')
      .execute();
    expect(made.map(({ name }) => name).sort(), 'one workspace per request').toEqual([...names].sort());
    const tasks = await kysely
      .selectFrom('tasks')
      .select(['id', 'prompt', 'status', 'failure', 'failure_message', 'attempt'])
      .execute();
    expect(
      tasks.filter(({ status }) => status !== 'completed'),
      'every task completed',
    ).toEqual([]);
    expect(tasks.length, 'one task per request').toBe(names.length);
    const effects = await kysely.selectFrom('tool_effects').select('task_id').execute();
    expect(effects.map(({ task_id }) => task_id).sort(), 'one effect per task').toEqual(
      tasks.map(({ id }) => id).sort(),
    );

    const messages = await kysely
      .selectFrom('messages')
      .select(['role', 'status', 'text', 'task_id'])
      .orderBy('id')
      .execute();
    for (const task of tasks) {
      const own = messages.filter(({ task_id }) => task_id === task.id);
      expect(
        own.map(({ role, status }) => `${role} ${status}`),
        `question and answer of "${task.prompt}"`,
      ).toEqual(['user complete', 'agent complete']);
      expect(own[1]?.text, 'the answer names what was made').toContain(task.prompt.split(' ').at(-1));
    }
    expect(messages.length).toBe(tasks.length * 2);

    expect((await verifyAudit(kysely, org?.id ?? '')).brokenAt, 'the audit chain').toBeNull();
    await demandEvents(database.kysely, reader);
  } finally {
    await database.close();
  }
  await demandNoOrphans(house);
}

type Kysely = ReturnType<TestInstallation['openDatabase']>['kysely'];

async function demandEvents(kysely: Kysely, reader: EventReader): Promise<void> {
  const stored = async (): Promise<string[]> =>
    (await kysely.selectFrom('events').select(['xid', 'id']).orderBy('xid').orderBy('id').execute()).map(
      ({ xid, id }) => `${xid}-${id}`,
    );
  const wanted = await stored();
  const cursors = (): string[] => reader.seen.map(({ cursor }) => cursor);
  await until('the reader has caught up', () => cursors().includes(wanted.at(-1) ?? ''), Boolean, 60_000);
  const upTo = cursors().slice(0, cursors().indexOf(wanted.at(-1) ?? '') + 1);
  expect(upTo, 'the reader saw each event once, in order').toEqual(wanted);
}

/** Every process that touches the data directory descends from the one `up`, box host or database that is recorded. */
async function demandNoOrphans(house: TestInstallation): Promise<void> {
  const roots = new Set([...house.pids('control-plane'), ...house.pids('box-host'), ...house.pids('postgres')]);
  expect(roots.size, 'one process of each role').toBe(3);
  const orphans = (): string[] =>
    processesOf(house.dataDir)
      .filter(({ pid }) => !descendsFrom(pid, roots))
      .map(({ pid, command }) => `${pid} ${command}`);
  // One that was just ending is gone at the next look.
  await until('no orphan', orphans, (left) => left.length === 0, 30_000);
}

function descendsFrom(pid: number, roots: ReadonlySet<number>): boolean {
  for (let each = pid; each > 1; each = parentOf(each)) if (roots.has(each)) return true;
  return false;
}

function parentOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return 0;
  }
}

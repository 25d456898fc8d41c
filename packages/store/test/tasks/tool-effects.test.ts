import { newId } from '@molecule/contracts';
import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import { canonicalJson, lockWorkspace, renewLeases, runOnce } from '../../src/index.ts';
import { insert, type SomeOrg, someOrg } from '../some-org.ts';

async function runningTask(org: SomeOrg): Promise<string> {
  const id = newId();
  await insert(org.db, 'tasks', {
    id,
    org_id: org.orgId,
    workspace_id: await org.workspace(),
    prompt: 'p',
    created_by: 't',
    status: 'running',
    attempt: 1,
    boot_id: newId(),
    lease_until: new Date(),
  });
  return id;
}
const TOOL = 'mcp__molecule-platform__provision_workspace';

/** A call whose effect is a new workspace. */
function provision(org: SomeOrg, taskId: string, attempt: number, args: unknown) {
  return org.database.withTransaction((trx) =>
    runOnce(trx, { taskId, attempt, tool: TOOL, args }, async () => {
      const id = newId();
      await insert(trx, 'workspaces', {
        id,
        org_id: org.orgId,
        name: `made-${id}`,
        runtime: 'test-runtime',
        created_by: 'agent',
      });
      return { id };
    }),
  );
}
const made = async (org: SomeOrg) =>
  (await org.db.selectFrom('workspaces').select('id').where('created_by', '=', 'agent').execute()).length;

test(verifies('B86', 'a repeated attempt finds the effects of the earlier one, call by call'), async () => {
  const org = await someOrg();
  const task = await runningTask(org);
  const first = [
    await provision(org, task, 1, { name: 'a', role: 'r' }),
    await provision(org, task, 1, { name: 'a', role: 'r' }),
  ];
  expect(first.map((call) => call.repeated)).toEqual([false, false]);
  await org.db.updateTable('tasks').set({ attempt: 2 }).where('id', '=', task).execute();
  // The order of keys does not matter.
  const second = [
    await provision(org, task, 2, { role: 'r', name: 'a' }),
    await provision(org, task, 2, { role: 'r', name: 'a' }),
    await provision(org, task, 2, { role: 'r', name: 'a' }),
  ];
  expect(second.map((call) => call.repeated)).toEqual([true, true, false]);
  expect(second.slice(0, 2).map((call) => call.result)).toEqual(first.map((call) => call.result));
  expect(await made(org)).toBe(3);
});

test(
  verifies('B86', 'an attempt that was fenced off causes nothing, and neither does one whose transaction fails'),
  async () => {
    const org = await someOrg();
    const task = await runningTask(org);
    await expect(provision(org, task, 2, {})).rejects.toMatchObject({ code: 'task_not_leased' });
    await expect(provision(org, newId(), 1, {})).rejects.toMatchObject({ code: 'task_not_found' });
    await expect(
      org.database.withTransaction(async (trx) => {
        await runOnce(trx, { taskId: task, attempt: 1, tool: TOOL, args: {} }, async () => ({ id: 'x' }));
        throw new Error('the process dies here');
      }),
    ).rejects.toThrow('dies');
    expect((await provision(org, task, 1, {})).repeated).toBe(false);
    expect(await made(org)).toBe(1);
  },
);

test(verifies('B86', 'simultaneous calls that name their occurrence have one effect'), async () => {
  const org = await someOrg();
  const task = await runningTask(org);
  let effects = 0;
  const calls = await Promise.all(
    Array.from({ length: 8 }, () =>
      org.database.withTransaction((trx) =>
        runOnce(trx, { taskId: task, attempt: 1, tool: TOOL, args: {}, occurrence: 0 }, async () => {
          effects += 1;
          return { n: effects };
        }),
      ),
    ),
  );
  expect(effects).toBe(1);
  expect(calls.every((call) => call.result['n'] === 1)).toBe(true);
});

test('equal arguments give equal text', () => {
  expect(canonicalJson({ b: [{ d: 1, c: 2 }], a: null })).toBe(canonicalJson({ a: null, b: [{ c: 2, d: 1 }] }));
  expect(canonicalJson([1, 2])).not.toBe(canonicalJson([2, 1]));
  expect(canonicalJson(undefined)).toBe('null');
});

test(
  verifies(
    'B86',
    'a tool call that makes a child of its own workspace and a heartbeat of it never wait for each other',
  ),
  async () => {
    const org = await someOrg();
    const [task, boot] = [await runningTask(org), newId()];
    const { workspace_id } = await org.db
      .selectFrom('tasks')
      .select('workspace_id')
      .where('id', '=', task)
      .executeTakeFirstOrThrow();
    await org.db.updateTable('tasks').set({ boot_id: boot }).where('id', '=', task).execute();
    let reached = (): void => {};
    const effectRuns = new Promise<void>((resolve) => {
      reached = resolve;
    });
    let proceed = (): void => {};
    const beatHoldsWorkspace = new Promise<void>((resolve) => {
      proceed = resolve;
    });
    const call = org.database.withTransaction((trx) =>
      runOnce(trx, { taskId: task, attempt: 1, tool: TOOL, args: {} }, async () => {
        reached();
        await beatHoldsWorkspace;
        const id = newId();
        await insert(trx, 'workspaces', {
          id,
          org_id: org.orgId,
          name: id,
          runtime: 'test-runtime',
          created_by: 'agent',
          parent_id: workspace_id,
        });
        return { id };
      }),
    );
    await effectRuns;
    const beat = org.database.withTransaction(async (trx) => {
      await lockWorkspace(trx, workspace_id);
      proceed();
      return renewLeases(trx, [{ taskId: task, attempt: 1, bootId: boot, leaseUntil: new Date() }]);
    });
    expect((await call).repeated).toBe(false);
    expect((await beat).get(task)).toBe(false);
  },
);

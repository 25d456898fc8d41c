import { newId } from '@molecule/contracts';
import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import {
  type BudgetRow,
  listBudgets,
  lockLostCalls,
  type Need,
  reserve,
  type Settlement,
  settle,
  storeBudget,
  sumUsage,
  touchReplica,
} from '../../src/index.ts';
import { insert, type SomeOrg, someOrg } from '../some-org.ts';

const NOW = new Date('2026-03-04T05:06:07Z');
const REPLICA = newId();

function reservation(
  org: SomeOrg,
  workspaceId: string,
  needs: Partial<Record<BudgetRow['unit'], Need>>,
  taskId: string | null = null,
) {
  return {
    id: newId(),
    kind: 'call' as const,
    orgId: org.orgId,
    workspaceId,
    taskId,
    replicaId: REPLICA,
    attempt: null,
    provider: 'anthropic',
    model: 'claude',
    at: NOW,
    inputTokens: 10,
    needs,
  };
}

function used(id: string, more: Partial<Settlement> = {}): Settlement {
  return {
    id,
    input: 0,
    output: 0,
    cached: 0,
    cacheWrite: 0,
    reasoning: 0,
    cost: null,
    requests: 1,
    estimated: 0,
    failed: 0,
    turns: 0,
    turnMs: 0,
    ...more,
  };
}

function budget(
  org: SomeOrg,
  scopeKind: BudgetRow['scope_kind'],
  scopeId: string,
  unit: BudgetRow['unit'],
  limit: number,
  more: Partial<Pick<BudgetRow, 'mode' | 'period'>> = {},
) {
  return storeBudget(
    org.db,
    { orgId: org.orgId, scopeKind, scopeId, unit, period: more.period ?? 'day', mode: more.mode ?? 'hard' },
    limit,
    'test',
    NOW,
  );
}

test(
  verifies(
    ['I5-truth-race', 'I5-budget-hard'],
    'of 200 reservations at once exactly the 50 that the limit allows are granted',
  ),
  async () => {
    const org = await someOrg();
    const id = await org.workspace();
    const { id: budgetId } = await budget(org, 'org', org.orgId, 'tokens', 5_000);
    const all = await Promise.all(
      Array.from({ length: 200 }, () => reserve(org.db, reservation(org, id, { tokens: { hold: 100, need: 1 } }))),
    );
    expect(all.filter((each) => each.verdict === 'granted')).toHaveLength(50);
    expect(all.filter((each) => each.verdict === 'held')).toHaveLength(150);
    const [state] = await listBudgets(org.db, org.orgId, NOW, budgetId);
    expect(state).toMatchObject({ spent: 0, reserved: 5_000 });
  },
);

test(
  verifies(
    ['I5-budget-hard', 'I5-truth-kill'],
    'a settlement gives the hold back, charges what was used, and counts once however often it comes',
  ),
  async () => {
    const org = await someOrg();
    const id = await org.workspace();
    await budget(org, 'workspace', id, 'tokens', 1_000);
    const call = reservation(org, id, { tokens: { hold: 900, need: 1 } });
    await reserve(org.db, call);
    const settlement = used(call.id, { input: 100, output: 50, reasoning: 5, cached: 40, cost: 7 });
    await Promise.all([
      settle(org.db, [settlement], NOW),
      settle(org.db, [settlement], NOW),
      settle(org.db, [settlement], NOW),
    ]);
    expect(await listBudgets(org.db, org.orgId, NOW)).toMatchObject([{ spent: 150, reserved: 0 }]);
    const [total] = await sumUsage(org.db, { orgId: org.orgId }, 'total', { limit: 1, offset: 0 });
    expect(total).toMatchObject({
      input_tokens: 100,
      output_tokens: 50,
      reasoning_tokens: 5,
      cached_tokens: 40,
      requests: 1,
      cost_micro_usd: 7,
      unpriced_requests: 0,
    });
    expect(await reserve(org.db, reservation(org, id, { tokens: { hold: 900, need: 851 } }))).toMatchObject({
      verdict: 'spent',
      leftUnits: 850,
    });
    // Alone it may take what is left, though it would hold more.
    expect(await reserve(org.db, reservation(org, id, { tokens: { hold: 900, need: 850 } }))).toMatchObject({
      verdict: 'granted',
    });
  },
);

test(
  verifies('I5-budget-units', 'every scope covers what it says: org, subtree, workspace, delegation tree'),
  async () => {
    const org = await someOrg();
    const root = await org.workspace();
    const child = await org.workspace({ parent_id: root });
    const grandchild = await org.workspace({ parent_id: child });
    const other = await org.workspace();
    const [task, sub] = [newId(), newId()];
    const common = { org_id: org.orgId, prompt: 'p', created_by: 'test' };
    await insert(org.db, 'tasks', { id: task, workspace_id: root, ...common });
    await insert(org.db, 'tasks', { id: sub, workspace_id: other, parent_task_id: task, ...common });
    const scopes = [
      ['org', org.orgId],
      ['subtree', child],
      ['workspace', child],
      ['task', task],
    ] as const;
    for (const [kind, id] of scopes) await budget(org, kind, id, 'tokens', 1_000);
    const spentAfter = async (workspaceId: string, taskId: string | null): Promise<readonly string[]> => {
      const before = await listBudgets(org.db, org.orgId, NOW);
      const call = reservation(org, workspaceId, { tokens: { hold: 1, need: 1 } }, taskId);
      await reserve(org.db, call);
      await settle(org.db, [used(call.id, { input: 1 })], NOW);
      const after = await listBudgets(org.db, org.orgId, NOW);
      return after
        .filter((each, at) => each.spent > (before[at]?.spent ?? 0))
        .map((each) => each.scope_kind)
        .sort();
    };
    expect(await spentAfter(other, null)).toEqual(['org']);
    expect(await spentAfter(grandchild, null)).toEqual(['org', 'subtree']);
    expect(await spentAfter(child, null)).toEqual(['org', 'subtree', 'workspace']);
    expect(await spentAfter(other, sub)).toEqual(['org', 'task']);
  },
);

test(
  verifies(
    ['I5-budget-soft', 'I5-budget-units'],
    'a soft limit grants and is told once per period; money without a price is refused by a hard one',
  ),
  async () => {
    const org = await someOrg();
    const id = await org.workspace();
    await budget(org, 'org', org.orgId, 'usd', 10, { mode: 'soft', period: 'hour' });
    const crossings: number[] = [];
    for (let at = 0; at < 4; at += 1) {
      const call = reservation(org, id, { usd: { hold: 5, need: 5 } });
      expect(await reserve(org.db, call)).toMatchObject({ verdict: 'granted' });
      crossings.push((await settle(org.db, [used(call.id, { cost: 5 })], NOW)).length);
    }
    expect(crossings).toEqual([0, 1, 0, 0]);
    await budget(org, 'org', org.orgId, 'usd', 1_000, { period: 'month' });
    expect(await reserve(org.db, reservation(org, id, { usd: { hold: null, need: null } }))).toMatchObject({
      verdict: 'unpriced',
    });
  },
);

test(
  verifies('I5-budget-first', 'a new budget begins with what its scope has used already, and a new period anew'),
  async () => {
    const org = await someOrg();
    const id = await org.workspace();
    const call = reservation(org, id, {});
    await reserve(org.db, call);
    await settle(org.db, [used(call.id, { input: 70, output: 30 })], NOW);
    await budget(org, 'subtree', id, 'tokens', 100, { period: 'day' });
    const needs = { tokens: { hold: 1, need: 1 } };
    expect(await reserve(org.db, reservation(org, id, needs))).toMatchObject({ verdict: 'spent', leftUnits: 0 });
    const tomorrow = new Date(NOW.getTime() + 86_400_000);
    expect(await reserve(org.db, { ...reservation(org, id, needs), at: tomorrow })).toMatchObject({
      verdict: 'granted',
    });
  },
);

test(verifies('I5-truth-kill', 'calls of a silent process are found, those of a living one are not'), async () => {
  const org = await someOrg();
  const id = await org.workspace();
  const [mine, lost] = [reservation(org, id, {}), { ...reservation(org, id, {}), replicaId: newId() }];
  await Promise.all([reserve(org.db, mine), reserve(org.db, lost)]);
  await touchReplica(org.db, REPLICA, new Date(NOW.getTime() + 60_000));
  const found = await org.database.withTransaction((trx) => lockLostCalls(trx, new Date(NOW.getTime() + 30_000), 10));
  expect(found.map((each) => each.id)).toEqual([lost.id]);
});

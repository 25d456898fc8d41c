import { newId } from '@molecule/contracts';
import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import { type CallReservation, listBudgets, reserveCalls, storeBudget } from '../../src/index.ts';
import { type SomeOrg, someOrg } from '../some-org.ts';

const NOW = new Date('2026-03-04T05:06:07Z');

function asking(org: SomeOrg, workspaceId: string, hold: number): CallReservation {
  return {
    id: newId(),
    orgId: org.orgId,
    workspaceId,
    replicaId: newId(),
    provider: 'anthropic',
    model: 'claude',
    at: NOW,
    inputTokens: 10,
    needs: { tokens: { hold, need: 1 } },
  };
}

function limit(org: SomeOrg, scopeKind: 'org' | 'workspace', scopeId: string, tokens: number) {
  const key = { orgId: org.orgId, scopeKind, scopeId, unit: 'tokens', period: 'day', mode: 'hard' } as const;
  return storeBudget(org.db, key, tokens, 'test', NOW);
}

test(
  verifies(
    ['I5-truth-race', 'I5-budget-hard'],
    'batches of several processes at once, over workspaces in any order, grant exactly what the limits allow and never wait for each other in a circle',
  ),
  async () => {
    const org = await someOrg();
    const [one, two] = [await org.workspace(), await org.workspace()];
    const { id } = await limit(org, 'org', org.orgId, 10_000);
    await limit(org, 'workspace', one, 3_000);
    await limit(org, 'workspace', two, 5_000);
    const batches = await Promise.all(
      Array.from({ length: 10 }, (_, at) => {
        const order = at % 2 === 0 ? [one, two] : [two, one];
        const calls = order.flatMap((workspace) => Array.from({ length: 10 }, () => asking(org, workspace, 100)));
        return reserveCalls(org.db, org.orgId, calls).then((answers) =>
          answers.map((answer, index) => ({ workspace: calls[index]?.workspaceId, verdict: answer.verdict })),
        );
      }),
    );
    const granted = batches.flat().filter(({ verdict }) => verdict === 'granted');
    expect(granted.filter(({ workspace }) => workspace === one)).toHaveLength(30);
    expect(granted.filter(({ workspace }) => workspace === two)).toHaveLength(50);
    const [state] = await listBudgets(org.db, org.orgId, NOW, id);
    expect(state).toMatchObject({ spent: 0, reserved: 8_000 });
    expect(await org.db.selectFrom('reservations').select('id').execute()).toHaveLength(80);
  },
);

test(
  verifies(
    'I5-budget-hard',
    'in a batch nobody of a workspace overtakes one who is held, and the other workspaces go on',
  ),
  async () => {
    const org = await someOrg();
    const [one, two] = [await org.workspace(), await org.workspace()];
    const { id } = await limit(org, 'workspace', one, 1_000);
    const answers = await reserveCalls(org.db, org.orgId, [
      asking(org, one, 600),
      asking(org, one, 600),
      asking(org, two, 600),
      asking(org, one, 100),
      asking(org, two, 600),
    ]);
    expect(answers.map(({ verdict }) => verdict)).toEqual(['granted', 'held', 'granted', 'held', 'granted']);
    expect(answers[3]).toMatchObject({ budgetId: id });
  },
);

import { appendEvents, type Crossing, type Executor } from '@molecule/store';

/** Events for budgets that passed their limit. */
export async function tellCrossings(trx: Executor, crossings: readonly Crossing[]): Promise<void> {
  await appendEvents(
    trx,
    crossings.map((each) => ({
      orgId: each.org,
      workspaceId: each.workspace,
      type: each.mode === 'hard' ? ('budget.exhausted' as const) : ('budget.warned' as const),
      actor: 'system',
      data: { budgetId: each.budget },
    })),
  );
}

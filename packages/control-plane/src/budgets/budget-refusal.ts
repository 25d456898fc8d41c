import { MoleculeError } from '@molecule/contracts';
import { budgetText } from '@molecule/domain';
import { type Executor, listBudgets } from '@molecule/store';

/** The refusal in words: which budget, how much is left, what to do. */
export async function budgetRefusal(
  db: Executor,
  orgId: string,
  refused: { readonly verdict: 'spent' | 'held' | 'unpriced'; readonly budgetId: string; readonly leftUnits: number },
  model: string,
  now: Date,
): Promise<MoleculeError> {
  const [budget] = await listBudgets(db, orgId, now, refused.budgetId);
  if (budget === undefined)
    return new MoleculeError('budget_exceeded', {
      params: { detail: 'a budget was changed meanwhile', nextStep: 'Try again.' },
    });
  const name = `the ${budget.scope_kind} budget of ${budgetText(budget.unit, budget.limit_units)}${budget.period === 'total' ? '' : ` per ${budget.period}`}`;
  if (refused.verdict === 'unpriced') {
    return new MoleculeError('budget_exceeded', {
      params: {
        detail: `${name} cannot be kept, because the model ${model} has no price`,
        nextStep: 'Give the model a price (docs/models.md), or limit tokens instead of money.',
      },
    });
  }
  const left = budgetText(budget.unit, Math.max(0, refused.leftUnits));
  const detail =
    refused.verdict === 'held'
      ? `calls in progress hold the rest of ${name} (${left})`
      : `${name} has ${left} left, which is not enough`;
  return new MoleculeError('budget_exceeded', {
    params: {
      detail,
      nextStep: `Raise it with \`molecule budget set\`${budget.period === 'total' ? '' : `, or wait for the next ${budget.period}`}. Budget ${budget.id}.`,
    },
  });
}

import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../../api/client.ts';
import type { Budget } from '../../api/wire.generated.ts';
import { budgetsQuery } from '../../data/model-queries.ts';
import { amountOf } from '../../design/amount.ts';
import { Button } from '../../design/button.tsx';
import { ProblemNotice } from '../../design/problem-notice.tsx';
import { Tag } from '../../design/tag.tsx';
import { Ago } from '../../design/time.tsx';

const EVERY = { hour: 'an hour', day: 'a day', month: 'a month', total: 'in total' } as const;

/** A budget with what is left of it. */
export function BudgetRow({
  budget,
  of,
  mayWrite,
}: {
  readonly budget: Budget;
  readonly of: string;
  readonly mayWrite: boolean;
}) {
  const [sure, setSure] = useState(false);
  const remove = useMutation({
    mutationFn: () => call('DELETE /api/v1/budgets/{id}', { path: { id: budget.id } }),
    onSuccess: (_reply, _input, _before, { client }) =>
      client.setQueryData(budgetsQuery.queryKey, (list) => list?.filter(({ id }) => id !== budget.id)),
  });
  const used = budget.spent + budget.reserved;
  const left = Math.max(0, budget.limit - used);
  const part = budget.limit === 0 ? 1 : Math.min(1, used / budget.limit);
  const tone = part >= 1 ? 'red' : part >= 0.8 ? 'amber' : 'blue';
  const name = `${amountOf(budget.unit, budget.limit)} ${EVERY[budget.period]}`;
  return (
    <li className="px-4 py-3">
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <span className="font-medium">{name}</span>
        <Tag tone={budget.mode === 'hard' ? 'grey' : 'amber'}>{budget.mode === 'hard' ? 'Hard' : 'Soft'}</Tag>
        <span className="text-xs text-ink-2">{of}</span>
        <span className="ml-auto" />
        {mayWrite &&
          (sure ? (
            <>
              <Button look="danger" busy={remove.isPending} onClick={() => remove.mutate()}>
                Remove
              </Button>
              <Button look="quiet" onClick={() => setSure(false)}>
                Keep
              </Button>
            </>
          ) : (
            <Button look="quiet" aria-label={`Remove the limit of ${name}, ${of}`} onClick={() => setSure(true)}>
              Remove
            </Button>
          ))}
      </div>
      <svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true" className="mt-2 block h-1.5 w-full">
        <rect width="100" height="4" className="fill-line" />
        <rect
          width={part * 100}
          height="4"
          className={tone === 'red' ? 'fill-red' : tone === 'amber' ? 'fill-amber' : 'fill-blue'}
        />
      </svg>
      <p className="tabular mt-1.5 flex flex-wrap gap-x-3 text-xs text-ink-2">
        <span className={part >= 1 ? 'font-medium text-red' : 'text-ink'}>
          {part >= 1 ? 'Nothing left' : `${amountOf(budget.unit, left)} left`}
        </span>
        <span>{amountOf(budget.unit, budget.spent)} used</span>
        {budget.reserved > 0 && <span>{amountOf(budget.unit, budget.reserved)} held by what runs now</span>}
        {budget.period !== 'total' && (
          <span>
            since <Ago at={budget.periodStart} />
          </span>
        )}
      </p>
      {remove.error !== null && <ProblemNotice error={remove.error} className="mt-2" />}
    </li>
  );
}

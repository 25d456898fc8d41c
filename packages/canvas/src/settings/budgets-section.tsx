import { PlusIcon } from '@primer/octicons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Budget } from '../api/wire.generated.ts';
import { budgetsQuery } from '../data/model-queries.ts';
import { useMay } from '../data/use-may.ts';
import { useOrg } from '../data/workspaces.ts';
import { Button } from '../design/button.tsx';
import { Loading } from '../design/loading.tsx';
import { ProblemNotice } from '../design/problem-notice.tsx';
import { Section } from '../design/section.tsx';
import { BudgetRow } from '../workspace/model/budget-row.tsx';
import { SetBudgetForm } from '../workspace/model/set-budget.tsx';
import { UsageSection } from '../workspace/model/usage-section.tsx';

/** What the org used, and every limit in it. */
export function BudgetsSection() {
  const budgets = useQuery(budgetsQuery);
  const { members, concierge } = useOrg();
  const mayWrite = useMay('budgets:write');
  const [adding, setAdding] = useState(false);
  const nameOf = (id: string): string =>
    (concierge?.id === id ? concierge.name : members.find((each) => each.id === id)?.name) ?? 'A removed workspace';
  const whose = ({ scope }: Budget): string => {
    switch (scope.kind) {
      case 'org':
        return 'Whole org';
      case 'subtree':
        return `${nameOf(scope.id)} and all below it`;
      case 'workspace':
        return `${nameOf(scope.id)} alone`;
      case 'task':
        return 'One task';
    }
  };
  return (
    <>
      <UsageSection workspace={null} />
      <Section
        title="Limits"
        hint="A hard limit refuses, a soft one warns. Those of a workspace are set in its own tab Model & budget."
        {...(mayWrite
          ? {
              action: (
                <Button icon={<PlusIcon size={14} />} aria-expanded={adding} onClick={() => setAdding(!adding)}>
                  Limit the org
                </Button>
              ),
            }
          : {})}
      >
        {adding && <SetBudgetForm workspace={null} onDone={() => setAdding(false)} />}
        {budgets.error !== null && (
          <ProblemNotice
            error={budgets.error}
            action={<Button onClick={() => void budgets.refetch()}>Try again</Button>}
          />
        )}
        {budgets.isPending && <Loading />}
        {budgets.data !== undefined && budgets.data.length === 0 && <p className="text-ink-2">Nothing is limited.</p>}
        {budgets.data !== undefined && budgets.data.length > 0 && (
          <ul className="hairline divide-y divide-line rounded-lg">
            {budgets.data.map((budget) => (
              <BudgetRow key={budget.id} budget={budget} of={whose(budget)} mayWrite={mayWrite} />
            ))}
          </ul>
        )}
      </Section>
    </>
  );
}

import { PlusIcon } from '@primer/octicons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Budget, Workspace } from '../../api/wire.generated.ts';
import { budgetsQuery } from '../../data/model-queries.ts';
import { useMay } from '../../data/use-may.ts';
import { useOrg } from '../../data/workspaces.ts';
import { Button } from '../../design/button.tsx';
import { Loading } from '../../design/loading.tsx';
import { ProblemNotice } from '../../design/problem-notice.tsx';
import { Section } from '../../design/section.tsx';
import { BudgetRow } from './budget-row.tsx';
import { SetBudgetForm } from './set-budget.tsx';

/** The budgets that hold for it: its own, and those of what is above it, each with what is left. */
export function Limits({ workspace }: { readonly workspace: Workspace }) {
  const budgets = useQuery(budgetsQuery);
  const { members, concierge } = useOrg();
  const mayWrite = useMay('budgets:write');
  const [adding, setAdding] = useState(false);
  const line = lineOf(workspace, concierge === undefined ? members : [...members, concierge]);
  const held = (budgets.data ?? []).filter(
    ({ scope }) =>
      scope.kind === 'org' ||
      (scope.kind === 'workspace' && scope.id === workspace.id) ||
      (scope.kind === 'subtree' && line.some(({ id }) => id === scope.id)),
  );
  return (
    <Section
      title="Limits"
      hint="A hard limit refuses, a soft one warns. Every limit over it holds."
      {...(mayWrite
        ? {
            action: (
              <Button icon={<PlusIcon size={14} />} aria-expanded={adding} onClick={() => setAdding(!adding)}>
                Set a limit
              </Button>
            ),
          }
        : {})}
    >
      {adding && <SetBudgetForm workspace={workspace} onDone={() => setAdding(false)} />}
      {budgets.error !== null && (
        <ProblemNotice
          error={budgets.error}
          action={<Button onClick={() => void budgets.refetch()}>Try again</Button>}
        />
      )}
      {budgets.isPending && <Loading />}
      {budgets.data !== undefined && held.length === 0 && (
        <p className="text-ink-2">Nothing limits it: neither itself, nor anything above it, nor the org.</p>
      )}
      {held.length > 0 && (
        <ul className="hairline divide-y divide-line rounded-lg">
          {held.map((budget) => (
            <BudgetRow key={budget.id} budget={budget} of={whose(budget, workspace, line)} mayWrite={mayWrite} />
          ))}
        </ul>
      )}
    </Section>
  );
}

/** It and all above it, nearest first. */
function lineOf(workspace: Workspace, all: readonly Workspace[]): readonly Workspace[] {
  const line = [workspace];
  for (let at = all.find(({ id }) => id === workspace.parentId); at !== undefined && !line.includes(at); ) {
    line.push(at);
    const { parentId } = at;
    at = all.find(({ id }) => id === parentId);
  }
  return line;
}

function whose({ scope }: Budget, workspace: Workspace, line: readonly Workspace[]): string {
  if (scope.kind === 'org') return 'Whole org';
  if (scope.kind === 'workspace') return 'This workspace alone';
  return scope.id === workspace.id
    ? 'This workspace and all below it'
    : `${line.find(({ id }) => id === scope.id)?.name ?? 'A workspace above'} and all below it`;
}

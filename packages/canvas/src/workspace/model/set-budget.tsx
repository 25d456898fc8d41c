import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../../api/client.ts';
import type { Budget, Workspace } from '../../api/wire.generated.ts';
import { budgetsQuery } from '../../data/model-queries.ts';
import { Button } from '../../design/button.tsx';
import { Choice, Field, TextInput } from '../../design/field.tsx';
import { ProblemNotice } from '../../design/problem-notice.tsx';

const SCOPES = { workspace: 'This workspace alone', subtree: 'It and all below it' } as const;
const UNITS = { usd: 'US dollars', tokens: 'tokens', turns: 'turns', minutes: 'minutes' } as const;
const PERIODS = { hour: 'per hour', day: 'per day', month: 'per month', total: 'in total' } as const;
const MODES = { hard: 'refuses (hard)', soft: 'warns (soft)' } as const;

/** One budget per scope, unit, period and mode: setting it again changes its limit. */
export function SetBudgetForm({
  workspace,
  onDone,
}: {
  /** Null = a limit of the whole org. */
  readonly workspace: Workspace | null;
  readonly onDone: () => void;
}) {
  const [limit, setLimit] = useState('');
  const [scope, setScope] = useState<keyof typeof SCOPES>('workspace');
  const [unit, setUnit] = useState<Budget['unit']>('usd');
  const [period, setPeriod] = useState<Budget['period']>('day');
  const [mode, setMode] = useState<Budget['mode']>('hard');
  const value = Number(limit);
  const isNumber = limit.trim() !== '' && Number.isFinite(value) && value >= 0;
  const set = useMutation({
    mutationFn: () =>
      call('PUT /api/v1/budgets', {
        body: {
          scope: workspace === null ? { kind: 'org' } : { kind: scope, id: workspace.id },
          unit,
          limit: value,
          period,
          mode,
        },
      }),
    onSuccess: (made, _input, _before, { client }) => {
      client.setQueryData(budgetsQuery.queryKey, (list) => [...(list ?? []).filter(({ id }) => id !== made.id), made]);
      onDone();
    },
  });
  return (
    <form
      aria-label="Set a limit"
      className="hairline mb-3 space-y-3 rounded-lg bg-sunken px-4 py-3.5"
      onSubmit={(event) => {
        event.preventDefault();
        if (isNumber) set.mutate();
      }}
    >
      <div className="grid grid-cols-2 gap-3 lg:grid-cols-3">
        <Field label="At most">
          <TextInput
            autoFocus
            required
            inputMode="decimal"
            value={limit}
            aria-invalid={limit !== '' && !isNumber}
            onChange={(event) => setLimit(event.target.value)}
            placeholder="20"
          />
        </Field>
        <Pick label="Of" options={UNITS} value={unit} onChange={setUnit} />
        <Pick label="Time" options={PERIODS} value={period} onChange={setPeriod} />
        {workspace !== null && <Pick label="Covers" options={SCOPES} value={scope} onChange={setScope} />}
        <Pick label="When it is reached, it" options={MODES} value={mode} onChange={setMode} />
      </div>
      {limit !== '' && !isNumber && (
        <p role="alert" className="text-xs text-red">
          A number of zero or more, like 20 or 0.5.
        </p>
      )}
      {set.error !== null && <ProblemNotice error={set.error} />}
      <div className="flex justify-end gap-2">
        <Button look="quiet" onClick={onDone}>
          Cancel
        </Button>
        <Button type="submit" look="solid" busy={set.isPending} disabled={!isNumber}>
          Set limit
        </Button>
      </div>
    </form>
  );
}

function Pick<K extends string>({
  label,
  options,
  value,
  onChange,
}: {
  readonly label: string;
  readonly options: Readonly<Record<K, string>>;
  readonly value: K;
  readonly onChange: (value: K) => void;
}) {
  const keys = Object.keys(options) as K[]; // of a table of ours
  return (
    <Field label={label}>
      <Choice value={value} onChange={(event) => onChange(keys.find((key) => key === event.target.value) ?? value)}>
        {keys.map((key) => (
          <option key={key} value={key}>
            {options[key]}
          </option>
        ))}
      </Choice>
    </Field>
  );
}

import { useMutation, useQuery } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { call } from '../../api/client.ts';
import { asProblem } from '../../api/problem.ts';
import type { ModelInfo, Workspace } from '../../api/wire.generated.ts';
import { modelQuery, modelsQuery } from '../../data/model-queries.ts';
import { Button } from '../../design/button.tsx';
import { Field, TextInput } from '../../design/field.tsx';
import { plainText } from '../../design/plain-text.ts';
import { ProblemNotice } from '../../design/problem-notice.tsx';
import { CheckResult } from './check-result.tsx';

/** Another model: any id of the registry or a new one. The server tries it before it keeps it. */
export function ChooseModel({ workspace, onDone }: { readonly workspace: Workspace; readonly onDone: () => void }) {
  const models = useQuery(modelsQuery);
  const list = useId();
  const [id, setId] = useState(workspace.model ?? '');
  const known = models.data?.find((each) => each.id === id.trim());
  const keep = useMutation({
    mutationFn: ({ model, force }: { readonly model: string | null; readonly force: boolean }) =>
      call('PUT /api/v1/workspaces/{id}/model', { path: { id: workspace.id }, body: { model, force } }),
    onSuccess: (choice, _input, _before, { client }) => {
      client.setQueryData(modelQuery(workspace.id).queryKey, choice);
      // A choice that works says enough by itself; one with a reservation stays to be read.
      if (choice.configured && choice.check?.ok !== false) onDone();
    },
  });
  const check = useMutation({
    mutationFn: (model: string) => call('POST /api/v1/models/check', { body: { model, workspace: workspace.id } }),
  });
  const problem = keep.error === null ? null : asProblem(keep.error);
  const nearest =
    problem?.code === 'model_invalid' && Array.isArray(problem.params['nearest']) ? problem.params['nearest'] : [];
  const change = (next: string): void => {
    setId(next);
    keep.reset();
    check.reset();
  };
  const own = id.trim();
  return (
    <form
      aria-label="Change model"
      className="hairline mt-3 space-y-3 rounded-lg bg-sunken px-4 py-3.5"
      onSubmit={(event) => {
        event.preventDefault();
        if (own !== '') keep.mutate({ model: own, force: false });
      }}
    >
      <Field
        label="Model"
        hint={known === undefined ? 'provider/model. The list holds what the registry knows.' : <Facts model={known} />}
      >
        <TextInput
          autoFocus
          list={list}
          value={id}
          onChange={(event) => change(event.target.value)}
          placeholder="provider/model"
          className="font-mono"
        />
      </Field>
      <datalist id={list}>
        {(models.data ?? []).map((each) => (
          <option key={each.id} value={each.id}>
            {each.available ? each.providerName : `${each.providerName}, no key yet`}
          </option>
        ))}
      </datalist>
      {models.error !== null && <ProblemNotice error={models.error} />}
      {known?.available === false && (
        <p className="rounded-md bg-amber-soft px-3 py-2">
          There is no key for {known.providerName} yet: the workspace runs no turn until one is stored for the org, for
          this workspace, or in the environment.
        </p>
      )}
      {problem !== null && (
        <ProblemNotice
          error={problem}
          {...(problem.code === 'preflight_failed'
            ? {
                action: (
                  <Button busy={keep.isPending} onClick={() => keep.mutate({ model: own, force: true })}>
                    Keep it all the same
                  </Button>
                ),
              }
            : {})}
        />
      )}
      {nearest.length > 0 && (
        <p className="flex flex-wrap items-center gap-2">
          <span className="text-ink-2">Did you mean</span>
          {nearest.map((each) => (
            <Button key={each} className="font-mono" onClick={() => change(String(each))}>
              {plainText(String(each))}
            </Button>
          ))}
        </p>
      )}
      {keep.data?.check?.ok === false && <CheckResult check={keep.data.check} />}
      {keep.data?.configured === false && (
        <p role="status" className="rounded-md bg-amber-soft px-3 py-2">
          Kept, but it cannot run yet. {plainText(keep.data.message)}
        </p>
      )}
      {check.data !== undefined && <CheckResult check={check.data} />}
      {check.error !== null && <ProblemNotice error={check.error} />}
      <div className="flex flex-wrap justify-end gap-2">
        {workspace.model !== null && workspace.kind !== 'platform' && (
          <Button look="quiet" className="mr-auto" onClick={() => keep.mutate({ model: null, force: false })}>
            Use the org's default
          </Button>
        )}
        <Button look="quiet" onClick={onDone}>
          {keep.data === undefined ? 'Cancel' : 'Close'}
        </Button>
        <Button busy={check.isPending} disabled={own === ''} onClick={() => check.mutate(own)}>
          Try it first
        </Button>
        <Button type="submit" look="solid" busy={keep.isPending} disabled={own === ''}>
          Use this model
        </Button>
      </div>
    </form>
  );
}

function Facts({ model }: { readonly model: ModelInfo }) {
  const parts = [
    model.providerName,
    model.contextTokens === null ? null : `${Math.round(model.contextTokens / 1000)}k context`,
    model.price === null ? 'no price known' : `$${model.price.input} in, $${model.price.output} out per million tokens`,
    model.demo ? 'a script, not an AI' : null,
  ];
  return <>{parts.filter((part) => part !== null).join(' · ')}</>;
}

import { useMutation, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { call } from '../api/client.ts';
import { asProblem } from '../api/problem.ts';
import { runtimesQuery, templatesQuery, workspacesQuery } from '../data/queries.ts';
import { useOrg } from '../data/workspaces.ts';
import { Button } from '../design/button.tsx';
import { classes } from '../design/classes.ts';
import { Choice, Field, TextInput } from '../design/field.tsx';
import { Modal } from '../design/modal.tsx';
import { ProblemNotice } from '../design/problem-notice.tsx';

/** The same rule as the server's, so that a wrong name is told while it is typed; the server decides. */
const NAME = /^[\p{L}\p{N}](?:[\p{L}\p{N}\p{M} ._-]*[\p{L}\p{N}\p{M}])?$/u;

/** A new workspace: choose what it is, name it, create. Runtime and place have sensible values. */
export function CreateWorkspaceDialog({ onClose }: { readonly onClose: () => void }) {
  const navigate = useNavigate();
  const templates = (useQuery(templatesQuery).data ?? []).filter((each) => each.kind === 'workspace');
  const runtimes = useQuery(runtimesQuery).data ?? [];
  const { members } = useOrg();
  const [template, setTemplate] = useState<string | null>(null);
  const [name, setName] = useState('');
  const [runtime, setRuntime] = useState('');
  const [parentId, setParentId] = useState('');
  const chosen = template ?? templates[0]?.name ?? null;
  const taken = members.some((each) => each.name.toLocaleLowerCase() === name.trim().toLocaleLowerCase());
  const nameProblem =
    name === ''
      ? null
      : name.trim().length > 80
        ? 'At most 80 characters.'
        : !NAME.test(name.trim())
          ? 'Letters, digits, spaces, dots, dashes and underscores; it starts and ends with a letter or digit.'
          : taken
            ? 'There is a workspace of this name already.'
            : null;

  const create = useMutation({
    mutationFn: () =>
      call('POST /api/v1/workspaces', {
        body: {
          name: name.trim(),
          ...(chosen === null ? {} : { template: chosen }),
          ...(runtime === '' ? {} : { runtime }),
          ...(parentId === '' ? {} : { parentId }),
        },
      }),
    onSuccess: (made, _input, _before, { client }) => {
      client.setQueryData(workspacesQuery.queryKey, (list) =>
        list === undefined || list.some((each) => each.id === made.id) ? list : [...list, made],
      );
      onClose();
      void navigate({ to: '/w/$id/$tab', params: { id: made.id, tab: 'readiness' } });
    },
  });
  const problem = create.error === null ? null : asProblem(create.error);
  const badRuntime = problem?.code === 'runtime_unknown' || problem?.code === 'runtime_unavailable';
  return (
    <Modal open onClose={onClose} title="New workspace">
      <form
        className="flex min-h-0 flex-col gap-4 overflow-y-auto px-5 pt-2 pb-5"
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim() !== '' && nameProblem === null) create.mutate();
        }}
      >
        <Field
          label="Name"
          {...(nameProblem === null
            ? {}
            : {
                hint: (
                  <span role="alert" className="text-red">
                    {nameProblem}
                  </span>
                ),
              })}
        >
          <TextInput
            autoFocus
            required
            value={name}
            onChange={(event) => setName(event.target.value)}
            placeholder="research"
            aria-invalid={nameProblem !== null}
          />
        </Field>
        <fieldset>
          <legend className="mb-1 text-xs font-medium">Template</legend>
          <div className="flex flex-col gap-1.5">
            {templates.map((each) => (
              <label
                key={each.name}
                className={classes(
                  'flex cursor-pointer items-start gap-2.5 rounded-md border px-3 py-2',
                  each.name === chosen ? 'border-blue bg-blue-soft' : 'border-line hover:bg-hover',
                )}
              >
                <input
                  type="radio"
                  name="template"
                  className="mt-1 accent-blue"
                  checked={each.name === chosen}
                  onChange={() => setTemplate(each.name)}
                />
                <span className="min-w-0">
                  <span className="block text-sm font-medium">{each.title}</span>
                  <span className="block text-xs text-ink-2">{each.description}</span>
                </span>
              </label>
            ))}
          </div>
        </fieldset>
        <div className="grid grid-cols-2 gap-3">
          <Field label="Runtime">
            <Choice value={runtime} onChange={(event) => setRuntime(event.target.value)}>
              <option value="">{`Default of the ${chosenRuntime(templates, chosen) === null ? 'org' : 'template'}`}</option>
              {runtimes.map((each) => (
                <option key={each.runtime} value={each.runtime} disabled={!each.available}>
                  {each.runtime}
                  {each.available ? '' : ' (not installed)'}
                </option>
              ))}
            </Choice>
          </Field>
          <Field label="Below">
            <Choice value={parentId} onChange={(event) => setParentId(event.target.value)}>
              <option value="">The concierge</option>
              {members.map((each) => (
                <option key={each.id} value={each.id}>
                  {each.name}
                </option>
              ))}
            </Choice>
          </Field>
        </div>
        {problem !== null && (
          <ProblemNotice
            error={problem}
            {...(badRuntime && runtime !== ''
              ? { action: <Button onClick={() => setRuntime('')}>Use the default</Button> }
              : {})}
          />
        )}
        <div className="flex justify-end gap-2">
          <Button look="quiet" onClick={onClose}>
            Cancel
          </Button>
          <Button
            type="submit"
            look="solid"
            busy={create.isPending}
            disabled={name.trim() === '' || nameProblem !== null}
          >
            Create
          </Button>
        </div>
      </form>
    </Modal>
  );
}

function chosenRuntime(
  templates: readonly { readonly name: string; readonly runtime: string | null }[],
  chosen: string | null,
): string | null {
  return templates.find((each) => each.name === chosen)?.runtime ?? null;
}

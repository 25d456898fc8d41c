import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../api/client.ts';
import type { Workspace } from '../api/wire.generated.ts';
import { catalogQuery, pluginsQuery, readinessQuery } from '../data/queries.ts';
import { Button } from '../design/button.tsx';
import { classes } from '../design/classes.ts';
import { Field, TextInput } from '../design/field.tsx';
import { Loading } from '../design/loading.tsx';
import { Modal } from '../design/modal.tsx';
import { plainText } from '../design/plain-text.ts';
import { ProblemNotice } from '../design/problem-notice.tsx';
import { Tag } from '../design/tag.tsx';
import { PluginDifferenceView } from './plugin-difference.tsx';

/** So long the server waits for the box to prove a new plugin before it answers; the proof goes on after it. */
const WAIT_SECONDS = 20;

const OUTCOME = {
  proved: 'Installed. The box has it and every server of it answered.',
  pending: 'Installed. The box has not proved it yet; the readiness shows how it goes on.',
  no_box: 'Installed. It is used when the workspace runs.',
  failed: 'Installed, but a server of it did not answer.',
} as const;

/** Asked for by opening the dialog, as the first field of a form is. */
function focusFirst(choice: HTMLInputElement | null): void {
  choice?.focus();
}

/** Gives a workspace a plugin: one of the catalogue, or any source. The server pins what it found. */
export function InstallPluginDialog({
  workspace,
  present,
  onClose,
}: {
  readonly workspace: Workspace;
  readonly present: readonly string[];
  readonly onClose: () => void;
}) {
  const client = useQueryClient();
  const catalog = useQuery(catalogQuery);
  const [source, setSource] = useState('');
  const offered = (catalog.data ?? []).filter(
    (each) => !present.includes(each.name) && (!each.privileged || workspace.kind === 'platform'),
  );
  const preview = useMutation({
    mutationFn: () =>
      call('POST /api/v1/workspaces/{id}/plugins/preview', {
        path: { id: workspace.id },
        body: { source: source.trim() },
      }),
  });
  const plan = preview.data;
  const install = useMutation({
    mutationFn: () =>
      call('POST /api/v1/workspaces/{id}/plugins', {
        path: { id: workspace.id },
        // What was read is what is installed: the server refuses when the source gives something else by now.
        body: {
          source: source.trim(),
          waitSeconds: WAIT_SECONDS,
          ...(plan === undefined ? {} : { digest: plan.digest }),
        },
      }),
    onSettled: () => {
      void client.invalidateQueries({ queryKey: pluginsQuery(workspace.id).queryKey });
      void client.invalidateQueries({ queryKey: readinessQuery(workspace.id).queryKey });
    },
  });
  if (install.data !== undefined) {
    const { plugin, proof } = install.data;
    return (
      <Modal open onClose={onClose} title={plainText(plugin.title)}>
        <div className="px-5 pt-1 pb-5">
          <p className={classes('text-base', proof.state === 'failed' && 'text-red')}>{OUTCOME[proof.state]}</p>
          {proof.problems.map((each) => (
            <p key={each} className="mt-1 break-words text-ink-2">
              {plainText(each)}
            </p>
          ))}
          <p className="mt-2 font-mono text-2xs break-all text-ink-2">{plainText(plugin.resolved ?? plugin.source)}</p>
          <div className="mt-4 flex justify-end">
            <Button look="solid" autoFocus onClick={onClose}>
              Done
            </Button>
          </div>
        </div>
      </Modal>
    );
  }
  if (plan !== undefined) {
    return (
      <Modal open onClose={onClose} title={`Install ${plainText(plan.title)}`}>
        <div className="flex min-h-0 flex-col gap-3 overflow-y-auto px-5 pt-1 pb-5">
          {plan.description !== '' && <p className="break-words text-ink-2">{plainText(plan.description)}</p>}
          <p className="font-mono text-2xs break-all text-ink-2">{plainText(plan.resolved)}</p>
          <p className="font-medium">
            {plan.replaces === null
              ? `It would bring this to ${workspace.name}:`
              : `It would replace the one that is there${plan.replaces.version === null ? '' : ` (version ${plainText(plan.replaces.version)})`}:`}
          </p>
          <PluginDifferenceView difference={plan.difference} />
          {plan.refusal !== null && (
            <div role="alert" className="rounded-md bg-red-soft px-3 py-2.5">
              <p className="font-medium break-words">It would be refused: {plainText(plan.refusal.message)}</p>
              <p className="break-words text-ink-2">{plainText(plan.refusal.hint)}</p>
            </div>
          )}
          {install.error !== null && <ProblemNotice error={install.error} />}
          {install.isPending && (
            <p role="status" className="text-sm text-ink-2">
              It is put into the box and proved there. This takes a moment.
            </p>
          )}
          <div className="flex justify-end gap-2">
            <Button look="quiet" onClick={() => preview.reset()}>
              Back
            </Button>
            <Button
              look="solid"
              autoFocus
              busy={install.isPending}
              disabled={plan.refusal !== null}
              onClick={() => install.mutate()}
            >
              Install
            </Button>
          </div>
        </div>
      </Modal>
    );
  }
  // What is offered decides where one begins: the focus must not move later.
  if (catalog.isPending)
    return (
      <Modal open onClose={onClose} title={`Install into ${workspace.name}`}>
        <Loading />
      </Modal>
    );
  return (
    <Modal open onClose={onClose} title={`Install into ${workspace.name}`}>
      <form
        className="flex min-h-0 flex-col gap-4 overflow-y-auto px-5 pt-2 pb-5"
        onSubmit={(event) => {
          event.preventDefault();
          preview.mutate();
        }}
      >
        {offered.length > 0 && (
          <fieldset>
            <legend className="mb-1 text-xs font-medium">Of this version of Molecule</legend>
            <div className="flex flex-col gap-1.5">
              {offered.map((each, index) => (
                <label
                  key={each.name}
                  className={classes(
                    'flex cursor-pointer items-start gap-2.5 rounded-md border px-3 py-2',
                    source === each.source ? 'border-blue bg-blue-soft' : 'border-line hover:bg-hover',
                  )}
                >
                  <input
                    type="radio"
                    name="plugin"
                    ref={index === 0 ? focusFirst : null}
                    className="mt-1 accent-blue"
                    checked={source === each.source}
                    onChange={() => setSource(each.source)}
                  />
                  <span className="min-w-0">
                    <span className="flex items-center gap-2 text-sm font-medium">
                      {each.title}
                      {each.privileged && <Tag tone="amber">Privileged</Tag>}
                    </span>
                    <span className="block text-xs text-ink-2">{each.description}</span>
                  </span>
                </label>
              ))}
            </div>
          </fieldset>
        )}
        <Field
          label="Source"
          hint="builtin:, git+https://…#ref, github:owner/repo#ref, gitea://owner/repo#ref, npm:name@version or file:"
        >
          <TextInput
            required
            value={source}
            onChange={(event) => setSource(event.target.value)}
            placeholder="github:owner/repo#v1.2.0"
            autoFocus={offered.length === 0}
          />
        </Field>
        {preview.error !== null && <ProblemNotice error={preview.error} />}
        {preview.isPending && (
          <p role="status" className="text-sm text-ink-2">
            It is fetched and checked; nothing is installed yet.
          </p>
        )}
        <div className="flex justify-end gap-2">
          <Button look="quiet" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" look="solid" busy={preview.isPending} disabled={source.trim() === ''}>
            Continue
          </Button>
        </div>
      </form>
    </Modal>
  );
}

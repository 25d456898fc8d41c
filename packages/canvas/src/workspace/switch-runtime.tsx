import { ArrowRightIcon } from '@primer/octicons-react';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import type { AvailableRuntime, Workspace } from '../api/wire.generated.ts';
import { pluginsQuery, runningQuery, runtimesQuery } from '../data/queries.ts';
import { Button } from '../design/button.tsx';
import { Choice, Field } from '../design/field.tsx';
import { Loading } from '../design/loading.tsx';
import { Modal } from '../design/modal.tsx';
import { plainText } from '../design/plain-text.ts';
import { ProblemNotice } from '../design/problem-notice.tsx';
import { useChangeWorkspace } from './use-change-workspace.ts';

/** Gives a workspace another runtime, after it was said what stays and what changes. */
export function SwitchRuntimeDialog({
  workspace,
  onClose,
}: {
  readonly workspace: Workspace;
  readonly onClose: () => void;
}) {
  const runtimes = useQuery(runtimesQuery);
  const [seen] = useState(workspace.runtime);
  const [wanted, setWanted] = useState('');
  const change = useChangeWorkspace(workspace.id);
  const others = (runtimes.data ?? []).filter((each) => each.runtime !== seen);
  const chosen = others.find((each) => each.runtime === wanted);
  return (
    <Modal open onClose={onClose} title={`Runtime of ${workspace.name}`}>
      <form
        className="flex min-h-0 flex-col gap-4 overflow-y-auto px-5 pt-1 pb-5"
        onSubmit={(event) => {
          event.preventDefault();
          if (chosen !== undefined)
            change.mutate({ runtime: chosen.runtime, seen: { runtime: seen } }, { onSuccess: () => onClose() });
        }}
      >
        {runtimes.isPending && <Loading />}
        {runtimes.error !== null && <ProblemNotice error={runtimes.error} />}
        {runtimes.data !== undefined && (
          <Field label="New runtime">
            <Choice autoFocus value={wanted} onChange={(event) => setWanted(event.target.value)}>
              <option value="">Choose</option>
              {others.map((each) => (
                <option key={each.runtime} value={each.runtime} disabled={!each.available}>
                  {each.runtime}
                  {each.available ? '' : ' (not installed)'}
                </option>
              ))}
            </Choice>
          </Field>
        )}
        {runtimes.data !== undefined && !others.some((each) => each.available) && (
          <p className="text-ink-2">
            No other runtime is installed on the box hosts. The settings list what was looked for and what was missing.
          </p>
        )}
        {chosen !== undefined && <Preview workspace={workspace} from={seen} to={chosen} />}
        {change.error !== null && <ProblemNotice error={change.error} />}
        <div className="flex justify-end gap-2">
          <Button look="quiet" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" look="solid" busy={change.isPending} disabled={chosen === undefined}>
            Switch
          </Button>
        </div>
      </form>
    </Modal>
  );
}

function Preview({
  workspace,
  from,
  to,
}: {
  readonly workspace: Workspace;
  readonly from: string;
  readonly to: AvailableRuntime;
}) {
  const plugins = useQuery(pluginsQuery(workspace.id)).data ?? [];
  const running = Object.values(useQuery(runningQuery).data ?? {}).includes(workspace.id);
  const servers = plugins.flatMap((each) => each.servers);
  return (
    <section aria-label="What changes" className="hairline rounded-lg">
      <p className="flex items-center gap-2 border-b px-4 py-2.5 font-medium">
        {from} <ArrowRightIcon size={14} className="text-ink-3" /> {to.runtime}
        {to.version !== null && <span className="font-normal text-ink-2">{plainText(to.version)}</span>}
      </p>
      <dl className="divide-y divide-line">
        <Line name="Stays">
          {count(plugins.length, 'plugin')} with {count(servers.length, 'server')}, written into the new runtime's own
          configuration; conversations, queue, files and secrets; the model {workspace.model ?? '(none)'}.
        </Line>
        <Line name="Changes">
          A new box with a new token, proved again from the first rung. The old runtime's session is not carried over:
          the new one is told the conversation.
        </Line>
        <Line name="Now">
          {workspace.status === 'paused'
            ? 'It is paused and takes up the new runtime when it is resumed.'
            : running
              ? 'It works on a task. The task is broken off and tried again by the new runtime.'
              : 'It is away for the time of a boot; what is sent meanwhile waits.'}
        </Line>
      </dl>
    </section>
  );
}

function Line({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div className="flex gap-3 px-4 py-2">
      <dt className="w-16 shrink-0 text-ink-2">{name}</dt>
      <dd className="min-w-0 flex-1">{children}</dd>
    </div>
  );
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

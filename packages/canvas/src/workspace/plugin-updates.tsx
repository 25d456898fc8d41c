import { SyncIcon } from '@primer/octicons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { call } from '../api/client.ts';
import type { PluginChange, Workspace } from '../api/wire.generated.ts';
import { inboxQuery } from '../data/org-queries.ts';
import { pluginChangesQuery, pluginsQuery } from '../data/queries.ts';
import { Button } from '../design/button.tsx';
import { plainText } from '../design/plain-text.ts';
import { ProblemNotice } from '../design/problem-notice.tsx';
import { Section } from '../design/section.tsx';
import { Tag } from '../design/tag.tsx';
import { Ago } from '../design/time.tsx';
import { PluginDifferenceView } from './plugin-difference.tsx';

const STATE = {
  planned: ['Planned', 'blue'],
  applied: ['Being proved', 'blue'],
  proved: ['Proved', 'green'],
  rolled_back: ['Rolled back', 'red'],
  discarded: ['Discarded', 'grey'],
} as const;
/** Settled changes that are still shown. */
const SETTLED_SHOWN = 3;

/** Newer versions: looked for when asked, read as a difference, applied by hand, taken back by the platform when they are not proved. */
export function PluginUpdates({ workspace }: { readonly workspace: Workspace }) {
  const client = useQueryClient();
  const changes = useQuery(pluginChangesQuery(workspace.id));
  const look = useMutation({
    mutationFn: () => call('POST /api/v1/workspaces/{id}/plugins/plan', { path: { id: workspace.id }, body: {} }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: pluginChangesQuery(workspace.id).queryKey });
      void client.invalidateQueries({ queryKey: inboxQuery.queryKey });
    },
  });
  const all = changes.data ?? [];
  const open = all.filter(({ state }) => state === 'planned' || state === 'applied');
  const settled = all.filter(({ state }) => state === 'proved' || state === 'rolled_back').slice(0, SETTLED_SHOWN);
  const failed = (look.data?.items ?? []).filter((item) => item.failure !== null);
  return (
    <Section
      title="Updates"
      hint="A newer version is shown before it is applied. One that is not proved in time is taken back."
      action={
        <Button icon={<SyncIcon size={14} />} busy={look.isPending} onClick={() => look.mutate()}>
          Look for updates
        </Button>
      }
    >
      {look.error !== null && <ProblemNotice error={look.error} className="mb-3" />}
      {changes.error !== null && <ProblemNotice error={changes.error} className="mb-3" />}
      {look.data !== undefined && open.length === 0 && failed.length === 0 && (
        <p role="status" className="text-ink-2">
          Every plugin is the newest its source gives.
        </p>
      )}
      {failed.map((item) => (
        <p key={item.plugin} role="alert" className="mb-2 rounded-md bg-red-soft px-3 py-2">
          <span className="font-medium">{plainText(item.plugin)}</span>: {plainText(item.failure?.message ?? '')}
        </p>
      ))}
      <ul className="space-y-3">
        {[...open, ...settled].map((change) => (
          <Change key={change.id} change={change} workspace={workspace} />
        ))}
      </ul>
    </Section>
  );
}

function Change({ change, workspace }: { readonly change: PluginChange; readonly workspace: Workspace }) {
  const client = useQueryClient();
  const apply = useMutation({
    mutationFn: () =>
      call('POST /api/v1/workspaces/{id}/plugins/changes/{change}/apply', {
        path: { id: workspace.id, change: change.id },
      }),
    onSettled: () => {
      void client.invalidateQueries({ queryKey: pluginChangesQuery(workspace.id).queryKey });
      void client.invalidateQueries({ queryKey: pluginsQuery(workspace.id).queryKey });
      void client.invalidateQueries({ queryKey: inboxQuery.queryKey });
    },
  });
  const [label, tone] = STATE[change.state];
  return (
    <li>
      <div className="mb-1.5 flex flex-wrap items-center gap-2">
        <span className="font-medium">{plainText(change.plugin)}</span>
        <Tag tone={tone}>{label}</Tag>
        <Ago at={change.createdAt} className="text-xs text-ink-2" />
        {change.reason !== null && <span className="text-xs text-ink-2">{plainText(change.reason)}</span>}
        {change.state === 'planned' && (
          <Button look="solid" className="ml-auto" busy={apply.isPending} onClick={() => apply.mutate()}>
            Apply
          </Button>
        )}
      </div>
      {(change.state === 'planned' || change.state === 'applied') && (
        <>
          <p className="mb-1.5 font-mono text-2xs break-all text-ink-2">
            {plainText(change.from.resolved)} → {plainText(change.to.resolved)}
          </p>
          <PluginDifferenceView difference={change.difference} />
        </>
      )}
      {apply.error !== null && <ProblemNotice error={apply.error} className="mt-2" />}
    </li>
  );
}

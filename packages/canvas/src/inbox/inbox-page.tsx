import { CheckCircleIcon } from '@primer/octicons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { call } from '../api/client.ts';
import type { InboxItem, InboxKind } from '../api/wire.generated.ts';
import { inboxQuery } from '../data/org-queries.ts';
import { pluginsQuery } from '../data/queries.ts';
import { useOrg } from '../data/workspaces.ts';
import { Button } from '../design/button.tsx';
import { Empty } from '../design/empty.tsx';
import { Loading } from '../design/loading.tsx';
import { plainText } from '../design/plain-text.ts';
import { ProblemNotice } from '../design/problem-notice.tsx';
import { Tag } from '../design/tag.tsx';
import { Ago } from '../design/time.tsx';
import type { Tab } from '../workspace/tabs.ts';

const TITLE: Readonly<Record<InboxKind, string>> = {
  tools_held: 'Tools changed, held back',
  tools_flagged: 'Tools changed',
  update_planned: 'A plugin can be updated',
  drift_contested: 'Somebody keeps changing its configuration',
  budget_exhausted: 'A limit is used up',
  allowlist_violation: 'No longer permitted',
};
/** Where the matter can be looked into. */
const PLACE: Readonly<Record<InboxKind, Tab>> = {
  tools_held: 'plugins',
  tools_flagged: 'plugins',
  update_planned: 'plugins',
  drift_contested: 'timeline',
  budget_exhausted: 'model',
  allowlist_violation: 'plugins',
};

/** What waits for a person: what holds work up comes first. */
export function InboxPage() {
  const inbox = useQuery(inboxQuery);
  const items = inbox.data ?? [];
  return (
    <>
      <header className="flex min-h-14 shrink-0 items-center gap-3 border-b bg-surface px-4">
        <h1 className="text-base font-semibold">Inbox</h1>
        {items.length > 0 && (
          <p className="text-xs text-ink-2">
            {items.length} {items.length === 1 ? 'matter waits' : 'matters wait'} for you
          </p>
        )}
      </header>
      <div className="min-h-0 flex-1 overflow-y-auto bg-surface" tabIndex={0} role="region" aria-label="Inbox">
        <div className="mx-auto max-w-[54rem] px-4 py-5">
          {inbox.error !== null && (
            <ProblemNotice
              error={inbox.error}
              action={<Button onClick={() => void inbox.refetch()}>Try again</Button>}
            />
          )}
          {inbox.isPending && <Loading />}
          {inbox.data !== undefined && items.length === 0 && (
            <Empty icon={<CheckCircleIcon size={24} />} title="Nothing waits for you">
              Changed tools that need your consent, limits that are used up, contested configuration and planned updates
              come here.
            </Empty>
          )}
          {items.length > 0 && (
            <ul className="hairline divide-y divide-line rounded-lg">
              {items.map((item) => (
                <Matter key={item.id} item={item} />
              ))}
            </ul>
          )}
        </div>
      </div>
    </>
  );
}

function Matter({ item }: { readonly item: InboxItem }) {
  const { members, concierge } = useOrg();
  const workspace =
    concierge?.id === item.workspaceId ? concierge : members.find((each) => each.id === item.workspaceId);
  const accept = useMutation({
    mutationFn: (id: string) =>
      call('POST /api/v1/workspaces/{id}/plugins/servers/{name}/accept', { path: { id, name: item.subject } }),
    onSuccess: (_reply, id, _before, { client }) => {
      void client.invalidateQueries({ queryKey: inboxQuery.queryKey });
      void client.invalidateQueries({ queryKey: pluginsQuery(id).queryKey });
    },
  });
  const acceptable = item.kind === 'tools_held' || item.kind === 'tools_flagged';
  return (
    <li className="flex flex-wrap items-start gap-x-4 gap-y-2 px-4 py-3">
      <div className="min-w-56 flex-1">
        <p className="flex flex-wrap items-center gap-2">
          <span className="font-medium">{TITLE[item.kind]}</span>
          {item.blocks && <Tag tone="red">Holds work up</Tag>}
          {workspace !== undefined && <bdi className="text-ink-2">{workspace.name}</bdi>}
          {item.since !== null && <Ago at={item.since} className="text-xs text-ink-2" />}
        </p>
        <p className="mt-0.5 break-words">{plainText(item.message)}</p>
        <p className="text-xs break-words text-ink-2">{plainText(item.nextStep)}</p>
        {accept.error !== null && <ProblemNotice error={accept.error} className="mt-2" />}
      </div>
      <div className="flex items-center gap-2">
        {acceptable && item.workspaceId !== null && (
          <Button busy={accept.isPending} onClick={() => accept.mutate(item.workspaceId ?? '')}>
            Accept the tools
          </Button>
        )}
        {item.workspaceId === null ? (
          <Link to="/settings/$section" params={{ section: 'budgets' }} className={OPEN}>
            Open
          </Link>
        ) : (
          <Link to="/w/$id/$tab" params={{ id: item.workspaceId, tab: PLACE[item.kind] }} className={OPEN}>
            Open
          </Link>
        )}
      </div>
    </li>
  );
}

const OPEN =
  'inline-flex h-8 items-center rounded-md px-3 text-sm font-medium text-ink-2 hover:bg-hover hover:text-ink max-md:h-10';

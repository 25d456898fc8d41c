import { ArrowDownIcon, CommentDiscussionIcon } from '@primer/octicons-react';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useEffect, useMemo, useState } from 'react';
import { call } from '../api/client.ts';
import type { Message, Workspace } from '../api/wire.generated.ts';
import { conversationsQuery, messagesQuery, runningQuery } from '../data/queries.ts';
import { Button } from '../design/button.tsx';
import { Empty } from '../design/empty.tsx';
import { Loading } from '../design/loading.tsx';
import { ProblemNotice } from '../design/problem-notice.tsx';
import { Spinner } from '../design/spinner.tsx';
import { connection } from '../live/connection.ts';
import { useStore } from '../live/store.ts';
import { noteTurn } from '../live/turn-store.ts';
import { Composer } from './composer.tsx';
import { ConversationTools } from './conversation-tools.tsx';
import { type MessagePages, upsertMessage } from './message-pages.ts';
import { MessageView } from './message-view.tsx';
import { outbox, send } from './outbox.ts';
import { UnsentMessages } from './unsent-messages.tsx';
import { useBottomScroll } from './use-bottom-scroll.ts';
import { waitingFor } from './waiting-for.ts';

/** The conversation with one workspace: what was said, what is being said, and where to say the next thing. */
export function ConversationView({
  workspace,
  suggestions,
}: {
  readonly workspace: Workspace;
  readonly suggestions?: ReactNode;
}) {
  const client = useQueryClient();
  const conversations = useQuery(conversationsQuery(workspace.id));
  const [chosen, setChosen] = useState<string | null>(null);
  const [search, setSearch] = useState('');
  const conversationId = chosen ?? conversations.data?.[0]?.id ?? null;
  const pages = useInfiniteQuery({ ...messagesQuery(conversationId ?? ''), enabled: conversationId !== null });
  const running = useQuery(runningQuery).data;
  const { line } = useStore(connection);
  const unsent = useStore(outbox).filter(
    (each) =>
      each.workspaceId === workspace.id && (each.conversationId === null || each.conversationId === conversationId),
  );

  const messages = useMemo(() => (pages.data?.pages ?? []).flatMap((page) => page.items).reverse(), [pages.data]);
  const shown = useMemo(() => matching(messages, search), [messages, search]);
  const open = messages.filter((each) => each.status === 'pending' && each.taskId !== null);
  useEarlierPieces(workspace.id, open);
  const atEnd = !pages.hasPreviousPage;
  const entries = `${messages[0]?.id} ${messages.at(-1)?.id} ${messages.length + unsent.length}`;
  const scroll = useBottomScroll(conversationId, entries, atEnd);
  const { fetchPreviousPage, isFetchingPreviousPage } = pages;
  // What was dropped below while the reader was far above comes back when they do.
  useEffect(() => {
    if (scroll.nearEnd && !atEnd && !isFetchingPreviousPage) void fetchPreviousPage();
  }, [scroll.nearEnd, atEnd, isFetchingPreviousPage, fetchPreviousPage]);
  const toNewest = (): void => {
    if (!atEnd) void client.resetQueries({ queryKey: ['messages', conversationId], exact: true });
    scroll.toBottom();
  };

  const cancel = useMutation({
    mutationFn: (taskId: string) => call('POST /api/v1/tasks/{id}/cancel', { path: { id: taskId } }),
  });
  const submit = (text: string, key: string = crypto.randomUUID(), to: string | null = conversationId): void => {
    toNewest();
    void send({ key, workspaceId: workspace.id, conversationId: to, text }).then((reply) => {
      if (reply === undefined) return;
      client.setQueryData<MessagePages>(
        ['messages', reply.conversationId],
        (known) => known && upsertMessage(known, reply.message),
      );
      if (to === null) void client.invalidateQueries({ queryKey: conversationsQuery(workspace.id).queryKey });
    });
  };
  // What was held because the server was away goes out when it is back; each has a key, so it arrives once.
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs again when these change, and only then
  useEffect(() => {
    if (line !== 'live') return;
    for (const each of outbox.get()) {
      if (each.workspaceId === workspace.id && each.state === 'held' && each.problem?.code === 'unreachable')
        submit(each.text, each.key, each.conversationId);
    }
  }, [line]);

  const current = open[0]?.taskId;
  const loading = conversations.isPending || (conversationId !== null && pages.isPending);
  const failure = conversations.error ?? pages.error;
  const empty = !loading && failure === null && messages.length === 0 && unsent.length === 0;
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <ConversationTools
        conversations={conversations.data ?? []}
        current={conversationId}
        onChoose={setChosen}
        search={search}
        onSearch={setSearch}
        shown={messages.length > 0}
      />
      <div
        ref={scroll.ref}
        onScroll={scroll.onScroll}
        className="relative min-h-0 flex-1 overflow-y-auto"
        role="log"
        aria-label={`Conversation with ${workspace.name}`}
        tabIndex={0}
      >
        <div className="mx-auto flex max-w-[46rem] flex-col gap-5 px-4 pt-4 pb-6">
          {pages.hasNextPage && (
            <div className="flex justify-center">
              <Button look="quiet" busy={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
                {search === '' ? 'Earlier messages' : 'Search earlier messages'}
              </Button>
            </div>
          )}
          {loading && (
            <div className="flex justify-center py-10 text-ink-3">
              <Spinner size={18} />
            </div>
          )}
          {failure !== null && (
            <ProblemNotice
              error={failure}
              action={
                <Button
                  onClick={() =>
                    void client
                      .refetchQueries({ queryKey: ['conversations', workspace.id] })
                      .then(() => pages.refetch())
                  }
                >
                  Try again
                </Button>
              }
            />
          )}
          {empty &&
            (suggestions ?? (
              <Empty icon={<CommentDiscussionIcon size={24} />} title={`Say something to ${workspace.name}`}>
                It answers as soon as it is online. What you send is kept until then.
              </Empty>
            ))}
          {search !== '' && shown.length === 0 && (
            <Empty title="Nothing found">No loaded message contains "{search}".</Empty>
          )}
          {shown.map((message) => (
            <MessageView
              key={message.id}
              message={message}
              agentName={workspace.name}
              waiting={message.status === 'pending' ? waitingFor(workspace, message.taskId, running) : ''}
            />
          ))}
          {isFetchingPreviousPage && <Loading />}
          <UnsentMessages entries={unsent} onSend={(each) => submit(each.text, each.key, each.conversationId)} />
        </div>
      </div>
      <div className="relative px-4 pb-4">
        {scroll.away && (
          <div className="absolute inset-x-0 -top-10 flex justify-center">
            <Button className="rounded-full shadow-pop" icon={<ArrowDownIcon size={14} />} onClick={toNewest}>
              Newest
            </Button>
          </div>
        )}
        <div className="mx-auto max-w-[46rem]">
          <Composer
            workspaceId={workspace.id}
            name={workspace.name}
            onSend={(text) => submit(text)}
            onStop={current == null ? undefined : () => cancel.mutate(current)}
            stopping={cancel.isPending || (cancel.isSuccess && cancel.variables === current)}
          />
        </div>
      </div>
    </div>
  );
}

function matching(messages: readonly Message[], search: string): readonly Message[] {
  const wanted = search.trim().toLocaleLowerCase();
  return wanted === '' ? messages : messages.filter((each) => each.text.toLocaleLowerCase().includes(wanted));
}

/** A page that is opened while an answer is being written asks once for what was written before. */
function useEarlierPieces(workspaceId: string, open: readonly Message[]): void {
  const tasks = open.map((each) => each.taskId).join(',');
  useEffect(() => {
    if (tasks === '') return;
    const abort = new AbortController();
    void call('GET /api/v1/events', {
      query: { workspaceId, types: 'turn.events', order: 'newest', limit: 500 },
      signal: abort.signal,
    })
      .then(({ items }) => {
        for (const event of [...items].reverse()) {
          if (event.taskId !== null && tasks.includes(event.taskId))
            noteTurn(event.taskId, event.data as unknown as Parameters<typeof noteTurn>[1]); // data of takeTaskEvents
        }
      })
      .catch(() => {});
    return () => abort.abort();
  }, [workspaceId, tasks]);
}

import { AlertIcon, HubotIcon, SyncIcon } from '@primer/octicons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { memo } from 'react';
import { call } from '../api/client.ts';
import type { Message } from '../api/wire.generated.ts';
import { Button } from '../design/button.tsx';
import { CopyButton } from '../design/copy-button.tsx';
import { plainText } from '../design/plain-text.ts';
import { readable } from '../design/status.ts';
import { Ago } from '../design/time.tsx';
import { useTurn } from '../live/turn-store.ts';
import { callsOf, notesOf, type ToolCall } from '../live/turns.ts';
import { LONGEST_MARKDOWN, LongText, MessageText } from './message-text.tsx';
import { ToolCard } from './tool-card.tsx';

export interface MessageViewProps {
  readonly message: Message;
  readonly agentName: string;
  /** What a pending answer waits for while nothing of it is there. */
  readonly waiting: string;
}

export const MessageView = memo(function MessageView({ message, agentName, waiting }: MessageViewProps) {
  if (message.role === 'user') return <UserMessage id={message.id} text={message.text} at={message.createdAt} />;
  return <AgentMessage message={message} agentName={agentName} waiting={waiting} />;
});

export function UserMessage({
  id,
  text,
  at,
  footer,
}: {
  readonly id?: string;
  readonly text: string;
  readonly at?: string;
  readonly footer?: React.ReactNode;
}) {
  return (
    <article
      aria-label="You"
      data-entry={id}
      className="group flex flex-col items-end gap-1 [contain-intrinsic-size:auto_4rem] [content-visibility:auto]"
    >
      <div className="max-w-[88%] rounded-lg bg-hover px-3.5 py-2 text-base break-words whitespace-pre-wrap">
        {text.length > LONGEST_MARKDOWN ? <LongText text={text} /> : plainText(text)}
      </div>
      <div className="flex h-5 items-center gap-1 text-2xs text-ink-3">
        {footer ??
          (at !== undefined && (
            <>
              <CopyButton
                text={text}
                className="size-5 opacity-0 group-focus-within:opacity-100 group-hover:opacity-100"
              />
              <Ago at={at} />
            </>
          ))}
      </div>
    </article>
  );
}

function AgentMessage({ message, agentName, waiting }: MessageViewProps) {
  const live = useTurn(message.status === 'pending' ? message.taskId : null);
  const pending = message.status === 'pending';
  const text = pending ? (live?.text ?? '') : message.text;
  const calls: readonly ToolCall[] = pending ? (live?.calls ?? []) : callsOf(message.parts);
  const notes = pending ? (live?.notes ?? []) : notesOf(message.parts);
  return (
    <article aria-label={agentName} data-entry={message.id} aria-busy={pending} className="group flex gap-3">
      <span className="mt-px flex size-6 shrink-0 items-center justify-center rounded-full bg-solid text-on-solid">
        <HubotIcon size={14} />
      </span>
      <div className="min-w-0 flex-1 space-y-2.5 text-base">
        {calls.length > 0 && (
          <div className="space-y-1">
            {calls.map((each) => (
              <ToolCard key={each.callId} call={each} ended={!pending} />
            ))}
          </div>
        )}
        {text !== '' && <MessageText text={text} />}
        {message.status !== 'failed' &&
          notes.map((note) => (
            <p key={note} className="flex items-start gap-2 text-sm text-amber">
              <AlertIcon size={14} className="mt-0.5 shrink-0" /> {plainText(note)}
            </p>
          ))}
        {pending && (
          <Progress
            text={text}
            {...(live?.thinking === undefined ? {} : { thinking: live.thinking })}
            waiting={
              live === undefined
                ? waiting
                : calls.some((each) => each.result === undefined)
                  ? 'Using a tool'
                  : 'Thinking'
            }
          />
        )}
        {message.status === 'failed' && message.taskId !== null && <Failure taskId={message.taskId} />}
        {!pending && (
          <div className="flex h-5 items-center gap-1 text-2xs text-ink-3">
            <Ago at={message.createdAt} />
            {message.text !== '' && (
              <CopyButton
                text={message.text}
                className="size-5 opacity-0 group-focus-within:opacity-100 group-hover:opacity-100"
              />
            )}
          </div>
        )}
      </div>
    </article>
  );
}

function Progress({
  text,
  thinking,
  waiting,
}: {
  readonly text: string;
  readonly thinking?: string;
  readonly waiting: string;
}) {
  return (
    <p className="flex items-center gap-2 text-sm text-ink-2">
      <span className="animate-breathe size-2 shrink-0 rounded-full bg-blue" />
      <span className={text === '' ? 'min-w-0 truncate' : 'sr-only'}>
        {thinking !== undefined && thinking !== '' && text === '' ? plainText(thinking.slice(-160)) : waiting}
      </span>
    </p>
  );
}

/** Why a turn failed, what to do, and the way to try again. */
function Failure({ taskId }: { readonly taskId: string }) {
  const task = useQuery({
    queryKey: ['task', taskId],
    queryFn: ({ signal }) => call('GET /api/v1/tasks/{id}', { path: { id: taskId }, signal }),
  });
  const retry = useMutation({ mutationFn: () => call('POST /api/v1/tasks/{id}/retry', { path: { id: taskId } }) });
  if (task.data === undefined) return null;
  const cancelled = task.data.status === 'cancelled';
  return (
    <div
      className={
        cancelled
          ? 'flex items-center gap-3 text-sm text-ink-2'
          : 'flex items-start gap-2.5 rounded-md bg-red-soft px-3 py-2.5 text-sm'
      }
    >
      {!cancelled && <AlertIcon size={14} className="mt-0.5 shrink-0 text-red" />}
      <div className="min-w-0 flex-1">
        {cancelled ? (
          <p>Stopped before it was finished.</p>
        ) : (
          <>
            <p className="font-medium break-words">
              {plainText(task.data.failureMessage ?? `The turn failed: ${readable(task.data.failure ?? 'unknown')}.`)}
            </p>
            {task.data.advice !== null && <p className="break-words text-ink-2">{task.data.advice}</p>}
            {task.data.failure !== null && <p className="mt-0.5 font-mono text-2xs text-ink-2">{task.data.failure}</p>}
          </>
        )}
      </div>
      <Button
        busy={retry.isPending}
        disabled={retry.isSuccess}
        icon={<SyncIcon size={14} />}
        onClick={() => retry.mutate()}
      >
        Try again
      </Button>
    </div>
  );
}

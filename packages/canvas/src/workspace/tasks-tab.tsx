import { ChevronRightIcon } from '@primer/octicons-react';
import { useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../api/client.ts';
import type { Task, Workspace } from '../api/wire.generated.ts';
import { tasksQuery } from '../data/queries.ts';
import { Button } from '../design/button.tsx';
import { classes } from '../design/classes.ts';
import { Empty } from '../design/empty.tsx';
import { Loading } from '../design/loading.tsx';
import { plainText } from '../design/plain-text.ts';
import { ProblemNotice } from '../design/problem-notice.tsx';
import type { Tone } from '../design/status.ts';
import { Tag } from '../design/tag.tsx';
import { Ago, duration } from '../design/time.tsx';

const STATUS: Readonly<Record<Task['status'], { readonly label: string; readonly tone: Tone }>> = {
  queued: { label: 'Queued', tone: 'grey' },
  running: { label: 'Running', tone: 'blue' },
  completed: { label: 'Done', tone: 'green' },
  failed: { label: 'Failed', tone: 'red' },
  cancelled: { label: 'Stopped', tone: 'grey' },
};
const LONGEST_SHOWN = 4000;

/** What it was given to do, newest first: asked, running, done, and why something failed. */
export function TasksTab({ workspace }: { readonly workspace: Workspace }) {
  const tasks = useInfiniteQuery(tasksQuery(workspace.id));
  const items = (tasks.data?.pages ?? []).flatMap((page) => page.items);
  if (tasks.error !== null)
    return (
      <ProblemNotice error={tasks.error} action={<Button onClick={() => void tasks.refetch()}>Try again</Button>} />
    );
  if (tasks.isPending) return <Loading />;
  if (items.length === 0)
    return <Empty title="No tasks yet">Each message to {workspace.name} becomes a task here.</Empty>;
  return (
    <>
      <ul className="hairline divide-y divide-line rounded-lg">
        {items.map((task) => (
          <TaskRow key={task.id} task={task} />
        ))}
      </ul>
      {tasks.hasNextPage && (
        <Button className="mt-3" busy={tasks.isFetchingNextPage} onClick={() => void tasks.fetchNextPage()}>
          Earlier
        </Button>
      )}
    </>
  );
}

function TaskRow({ task }: { readonly task: Task }) {
  const [open, setOpen] = useState(false);
  const cancel = useMutation({ mutationFn: () => call('POST /api/v1/tasks/{id}/cancel', { path: { id: task.id } }) });
  const retry = useMutation({ mutationFn: () => call('POST /api/v1/tasks/{id}/retry', { path: { id: task.id } }) });
  const { label, tone } = STATUS[task.status];
  const goesOn = task.status === 'queued' || task.status === 'running';
  const took =
    task.startedAt !== null && task.endedAt !== null ? Date.parse(task.endedAt) - Date.parse(task.startedAt) : null;
  return (
    <li className="px-4 py-2.5">
      <div className="flex items-center gap-3">
        <button
          type="button"
          aria-expanded={open}
          aria-label={`${label} task: ${task.prompt.slice(0, 80)}`}
          onClick={() => setOpen(!open)}
          className="flex min-w-0 flex-1 items-center gap-2.5 rounded-sm text-left"
        >
          <ChevronRightIcon
            size={14}
            className={classes('shrink-0 text-ink-3 transition-transform', open && 'rotate-90')}
          />
          <span className="w-18 shrink-0">
            <Tag tone={tone}>{label}</Tag>
          </span>
          <span className="min-w-0 flex-1 truncate">{plainText(task.prompt.slice(0, 200))}</span>
        </button>
        <span className="tabular shrink-0 text-xs text-ink-2 max-md:hidden">{took !== null && duration(took)}</span>
        <Ago at={task.createdAt} className="w-20 shrink-0 text-right text-xs text-ink-2 max-md:hidden" />
        {goesOn && (
          <Button busy={cancel.isPending} disabled={cancel.isSuccess} onClick={() => cancel.mutate()}>
            {cancel.isSuccess ? 'Stopping' : 'Stop'}
          </Button>
        )}
        {(task.status === 'failed' || task.status === 'cancelled') && (
          <Button busy={retry.isPending} disabled={retry.isSuccess} onClick={() => retry.mutate()}>
            {retry.isSuccess ? 'Sent again' : 'Try again'}
          </Button>
        )}
      </div>
      {(cancel.error ?? retry.error) !== null && <ProblemNotice error={cancel.error ?? retry.error} className="mt-2" />}
      {open && (
        <dl className="mt-2 grid grid-cols-[auto_1fr] gap-x-5 gap-y-1.5 rounded-md bg-sunken px-3 py-2.5 text-sm">
          <Fact name="Asked" value={task.prompt} />
          {task.result !== null && <Fact name="Result" value={task.result} />}
          {task.failure !== null && (
            <Fact
              name="Failure"
              value={`${task.failure}${task.failureMessage === null ? '' : `: ${task.failureMessage}`}`}
            />
          )}
          {task.advice !== null && <Fact name="Advice" value={task.advice} />}
          {task.usage !== null && (
            <Fact
              name="Tokens"
              value={`${task.usage.inputTokens.toLocaleString()} in, ${task.usage.outputTokens.toLocaleString()} out`}
            />
          )}
          {task.parentTaskId !== null && <Fact name="Given by" value={`task ${task.parentTaskId}`} />}
          <Fact name="Attempt" value={String(task.attempt)} />
          <Fact name="Id" value={task.id} />
        </dl>
      )}
    </li>
  );
}

function Fact({ name, value }: { readonly name: string; readonly value: string }) {
  const text = plainText(value);
  return (
    <>
      <dt className="text-ink-2">{name}</dt>
      <dd className="min-w-0 break-words whitespace-pre-wrap">
        {text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)} …` : text}
      </dd>
    </>
  );
}

import { PlusIcon, TerminalIcon } from '@primer/octicons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { call } from '../../api/client.ts';
import type { Workspace } from '../../api/wire.generated.ts';
import { terminalsQuery } from '../../data/file-queries.ts';
import { useMay } from '../../data/use-may.ts';
import { Button } from '../../design/button.tsx';
import { Empty } from '../../design/empty.tsx';
import { Choice } from '../../design/field.tsx';
import { Loading } from '../../design/loading.tsx';
import { ProblemNotice } from '../../design/problem-notice.tsx';
import { Ago } from '../../design/time.tsx';
import { BoxProblem } from '../box-problem.tsx';
import type { LineState } from './terminal-line.ts';
import { TerminalScreen } from './terminal-screen.tsx';

const FIRST_SIZE = { cols: 100, rows: 28 };
const ENDED: Readonly<Record<string, string>> = {
  exited: 'The shell has ended.',
  closed: 'It was closed.',
  idle: 'It was ended because nobody used it.',
  box_ended: 'Its box has ended, and the shell with it.',
};

/** A shell inside the box, behind the walls of its agent. */
export function TerminalTab({ workspace }: { readonly workspace: Workspace }) {
  const may = useMay('terminal:use');
  return may ? (
    <Terminals workspace={workspace} />
  ) : (
    <Empty icon={<TerminalIcon size={24} />} title="You may not open a terminal">
      It takes a right of its own. Owners and admins of the org have it.
    </Empty>
  );
}

function Terminals({ workspace }: { readonly workspace: Workspace }) {
  const client = useQueryClient();
  const terminals = useQuery(terminalsQuery(workspace.id));
  const [chosen, setChosen] = useState<string | null>(null);
  const [state, setState] = useState<LineState>({ kind: 'connecting' });
  const closer = useRef<HTMLButtonElement>(null);
  const items = terminals.data ?? [];
  const shown = chosen ?? items.at(-1)?.id ?? null;
  const { refetch } = terminals;
  const { status } = workspace;
  useEffect(() => {
    if (status === 'online') void refetch();
  }, [status, refetch]);
  const open = useMutation({
    mutationFn: () => call('POST /api/v1/workspaces/{id}/terminals', { path: { id: workspace.id }, body: FIRST_SIZE }),
    onSuccess: (made) => {
      client.setQueryData(terminalsQuery(workspace.id).queryKey, (list) => [...(list ?? []), made]);
      setState({ kind: 'connecting' });
      setChosen(made.id);
    },
  });
  const close = useMutation({
    mutationFn: (terminal: string) =>
      call('DELETE /api/v1/workspaces/{id}/terminals/{terminal}', { path: { id: workspace.id, terminal } }),
    onSuccess: (_reply, terminal) => {
      client.setQueryData(terminalsQuery(workspace.id).queryKey, (list) => list?.filter(({ id }) => id !== terminal));
      setChosen(null);
    },
  });
  if (terminals.error !== null && terminals.data === undefined)
    return <BoxProblem workspace={workspace} error={terminals.error} onRetry={() => void terminals.refetch()} />;
  if (terminals.data === undefined) return <Loading />;
  const problem = open.error ?? close.error;
  const opener = (
    <Button
      look={shown === null ? 'solid' : 'line'}
      icon={<PlusIcon size={14} />}
      busy={open.isPending}
      onClick={() => open.mutate()}
    >
      {shown === null ? 'Open a terminal' : 'New'}
    </Button>
  );
  if (shown === null)
    return (
      <>
        <Empty icon={<TerminalIcon size={24} />} title="No terminal is open" action={opener}>
          A shell behind the walls of the agent: it sees the agent's files and reaches what the agent reaches, without
          its secrets. That it was opened, and by whom, is on record.
        </Empty>
        {problem !== null && <ProblemNotice error={problem} />}
      </>
    );
  const info = items.find(({ id }) => id === shown);
  return (
    <div className="flex h-[calc(100dvh-15rem)] min-h-72 flex-col max-md:h-[calc(100dvh-18rem)]">
      <div className="mb-2 flex flex-wrap items-center gap-2">
        {items.length > 1 && (
          <Choice
            aria-label="Terminal"
            className="w-48!"
            value={shown}
            onChange={(event) => {
              setState({ kind: 'connecting' });
              setChosen(event.target.value);
            }}
          >
            {items.map(({ id, openedAt }, index) => (
              <option key={id} value={id}>
                {`${index + 1}, opened ${new Date(openedAt).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })}`}
              </option>
            ))}
          </Choice>
        )}
        <LineWords state={state} />
        {info !== undefined && (
          <span className="text-xs text-ink-2 max-md:hidden">
            opened <Ago at={info.openedAt} />
          </span>
        )}
        <span className="ml-auto" />
        <span className="text-xs text-ink-2 max-md:hidden">Ctrl Shift E leaves it</span>
        {opener}
        <Button
          ref={closer}
          look="quiet"
          busy={close.isPending}
          onClick={() => (state.kind === 'ended' || state.kind === 'refused' ? forget() : close.mutate(shown))}
        >
          Close
        </Button>
      </div>
      {problem !== null && <ProblemNotice error={problem} className="mb-2" />}
      {state.kind === 'refused' && <ProblemNotice error={state.problem} className="mb-2" />}
      <div className="hairline min-h-0 flex-1 overflow-hidden rounded-lg">
        <TerminalScreen
          key={shown}
          workspaceId={workspace.id}
          terminalId={shown}
          onState={setState}
          onLeave={() => closer.current?.focus()}
        />
      </div>
    </div>
  );

  function forget(): void {
    client.setQueryData(terminalsQuery(workspace.id).queryKey, (list) => list?.filter(({ id }) => id !== shown));
    setChosen(null);
  }
}

function LineWords({ state }: { readonly state: LineState }) {
  const words = {
    connecting: 'Connecting',
    live: 'Connected',
    reconnecting: 'Connection lost, trying again',
    ended: state.kind === 'ended' ? (ENDED[state.reason] ?? 'It has ended.') : '',
    refused: 'Not connected',
  } as const;
  const tone = state.kind === 'live' ? 'bg-green' : state.kind === 'ended' ? 'bg-ink-3' : 'bg-amber';
  return (
    <span role="status" className="flex items-center gap-1.5 text-sm">
      <span aria-hidden="true" className={`size-2 rounded-full ${tone}`} />
      {words[state.kind]}
    </span>
  );
}

import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { MoleculeEvent } from '../api/wire.generated.ts';
import { historyQuery } from '../data/queries.ts';
import { Button } from '../design/button.tsx';
import { ProblemNotice } from '../design/problem-notice.tsx';
import { Spinner } from '../design/spinner.tsx';
import { EventList } from './event-list.tsx';
import { SHOWN_TYPES } from './event-words.ts';

const KINDS: Readonly<Record<string, readonly MoleculeEvent['type'][]>> = {
  'All changes': SHOWN_TYPES,
  Workspaces: ['workspace.created', 'workspace.status', 'workspace.removed'],
  Proof: ['gate.refused', 'proof.passed', 'proof.failed', 'drift.repaired', 'drift.contested'],
  Tasks: ['task.created', 'task.ended'],
  Plugins: ['plugin.declared', 'plugin.refused', 'plugin.installed', 'plugin.uninstalled', 'plugin.failed'],
  Access: ['token.created', 'token.revoked', 'host.connected', 'host.lost'],
};

/** What happens in the org, as it happens. */
export function ActivityPage() {
  const [kind, setKind] = useState('All changes');
  const history = useInfiniteQuery(historyQuery(null, KINDS[kind] ?? SHOWN_TYPES));
  return (
    <>
      <header className="flex min-h-14 shrink-0 flex-wrap items-center gap-3 border-b bg-surface px-4 py-2">
        <h1 className="mr-auto text-base font-semibold">Activity</h1>
        <select
          aria-label="Kind of events"
          value={kind}
          onChange={(event) => setKind(event.target.value)}
          className="h-8 rounded-md border border-line-strong bg-surface pl-2.5 text-sm max-md:h-10"
        >
          {Object.keys(KINDS).map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>
      </header>
      <div className="min-h-0 flex-1 overflow-y-auto bg-surface" tabIndex={0} role="region" aria-label="Events">
        <div className="mx-auto max-w-[54rem] px-4 py-5">
          {history.isPending && (
            <div className="flex justify-center py-10 text-ink-3">
              <Spinner size={18} />
            </div>
          )}
          {history.error !== null && (
            <ProblemNotice
              error={history.error}
              action={<Button onClick={() => void history.refetch()}>Try again</Button>}
            />
          )}
          {history.data !== undefined && (
            <EventList events={history.data.pages.flatMap((page) => page.items)} showWorkspace />
          )}
          {history.hasNextPage && (
            <Button className="mt-4" busy={history.isFetchingNextPage} onClick={() => void history.fetchNextPage()}>
              Earlier
            </Button>
          )}
        </div>
      </div>
    </>
  );
}

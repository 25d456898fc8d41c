import { HubotIcon } from '@primer/octicons-react';
import { Link } from '@tanstack/react-router';
import { ConversationView } from '../chat/conversation.tsx';
import { useOrg } from '../data/workspaces.ts';
import { Button } from '../design/button.tsx';
import { Empty } from '../design/empty.tsx';
import { ProblemNotice } from '../design/problem-notice.tsx';
import { SignalMarks } from '../design/signal-marks.tsx';
import { Spinner } from '../design/spinner.tsx';
import { StatusLabel } from '../design/status-mark.tsx';
import { TroubleStrip } from '../workspace/trouble-strip.tsx';
import { DemoTag } from './demo-tag.tsx';
import { Suggestions } from './suggestions.tsx';

/** The concierge: not a node of the org, but who you talk to about it. */
export function ConciergeColumn() {
  const { concierge, error, isPending, refetch } = useOrg();
  if (isPending)
    return (
      <div className="flex flex-1 items-center justify-center text-ink-3">
        <Spinner size={18} />
      </div>
    );
  if (error !== null)
    return (
      <div className="p-4">
        <ProblemNotice error={error} action={<Button onClick={() => void refetch()}>Try again</Button>} />
      </div>
    );
  if (concierge === undefined)
    return (
      <Empty icon={<HubotIcon size={24} />} title="This org has no concierge">
        It was started with --no-concierge. Start it without to get one.
      </Empty>
    );
  return (
    <>
      <header className="flex h-14 shrink-0 items-center gap-3 border-b px-4">
        <span className="flex size-8 shrink-0 items-center justify-center rounded-full bg-solid text-on-solid">
          <HubotIcon size={16} />
        </span>
        <div className="min-w-0 flex-1">
          <h1 className="truncate text-base leading-5 font-semibold">
            <bdi>{concierge.name}</bdi>
          </h1>
          <p className="flex items-center gap-2 text-xs text-ink-2">
            <StatusLabel status={concierge.status} />
          </p>
        </div>
        <DemoTag model={concierge.model} />
        <Link
          to="/w/$id/$tab"
          params={{ id: concierge.id, tab: 'readiness' }}
          aria-label="Why the concierge is as it is"
          className="rounded-md px-1.5 py-1.5 hover:bg-hover"
        >
          <SignalMarks signals={concierge.signals} />
        </Link>
      </header>
      <TroubleStrip workspace={concierge} />
      <ConversationView workspace={concierge} suggestions={<Suggestions workspaceId={concierge.id} />} />
    </>
  );
}

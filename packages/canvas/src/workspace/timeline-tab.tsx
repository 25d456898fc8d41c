import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { EventList } from '../activity/event-list.tsx';
import { SHOWN_TYPES } from '../activity/event-words.ts';
import type { Workspace } from '../api/wire.generated.ts';
import { bootEventsQuery, historyQuery } from '../data/queries.ts';
import { Button } from '../design/button.tsx';
import { Loading } from '../design/loading.tsx';
import { ProblemNotice } from '../design/problem-notice.tsx';
import { Section } from '../design/section.tsx';
import { BootSteps, byBoot } from './boot-steps.tsx';

/** What happened: the steps of its boots, and who did what since it exists. */
export function TimelineTab({ workspace }: { readonly workspace: Workspace }) {
  const boots = useQuery(bootEventsQuery(workspace.id));
  const history = useInfiniteQuery(historyQuery(workspace.id, SHOWN_TYPES));
  const groups = byBoot(boots.data?.items ?? []);
  return (
    <div className="space-y-7">
      <Section title="Boots" hint="Each start of its box, step by step.">
        {boots.error !== null && <ProblemNotice error={boots.error} />}
        {boots.isPending && <Loading />}
        {boots.data !== undefined && groups.length === 0 && <p className="text-ink-2">It has not been started yet.</p>}
        <div className="space-y-3">
          {groups.map((group, index) => (
            <BootSteps key={group.bootId} group={group} newest={index === 0} />
          ))}
        </div>
      </Section>
      <Section title="History" hint="Changes, repairs and deeds, newest first.">
        {history.error !== null && <ProblemNotice error={history.error} />}
        {history.isPending ? (
          <Loading />
        ) : (
          <EventList events={(history.data?.pages ?? []).flatMap((page) => page.items)} showWorkspace={false} />
        )}
        {history.hasNextPage && (
          <Button className="mt-3" busy={history.isFetchingNextPage} onClick={() => void history.fetchNextPage()}>
            Earlier
          </Button>
        )}
      </Section>
    </div>
  );
}

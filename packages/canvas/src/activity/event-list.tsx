import { Link } from '@tanstack/react-router';
import type { MoleculeEvent } from '../api/wire.generated.ts';
import { useOrg } from '../data/workspaces.ts';
import { classes } from '../design/classes.ts';
import { TONE_TEXT, type Tone } from '../design/status.ts';
import { clockTime } from '../design/time.tsx';
import { wordsOf } from './event-words.ts';

const MARK: Readonly<Record<Tone, string>> = {
  green: 'bg-current',
  red: 'rotate-45 rounded-none bg-current',
  amber: 'rounded-none bg-current',
  blue: 'border-2 border-current',
  grey: 'border-2 border-current',
};

/** Events line by line under their days. */
export function EventList({
  events,
  showWorkspace,
}: {
  readonly events: readonly MoleculeEvent[];
  readonly showWorkspace: boolean;
}) {
  const { members, concierge } = useOrg();
  const names = new Map(
    [...members, ...(concierge === undefined ? [] : [concierge])].map((each) => [each.id, each.name]),
  );
  if (events.length === 0) return <p className="text-ink-2">Nothing yet.</p>;
  const days = [
    ...Map.groupBy(events, (event) =>
      new Date(event.at).toLocaleDateString([], { weekday: 'long', day: 'numeric', month: 'long' }),
    ),
  ];
  return (
    <div className="space-y-4">
      {days.map(([day, list]) => (
        <div key={day}>
          <h3 className="mb-1 text-xs font-medium text-ink-2">{day}</h3>
          <ol>
            {list.map((event) => {
              const { text, tone } = wordsOf(event);
              const name = event.workspaceId === null ? undefined : names.get(event.workspaceId);
              return (
                <li key={event.cursor} className="flex items-baseline gap-3 py-1">
                  <time dateTime={event.at} className="tabular w-16 shrink-0 text-xs text-ink-2">
                    {clockTime(event.at)}
                  </time>
                  <span
                    aria-hidden="true"
                    className={classes('relative -top-px size-2 shrink-0 rounded-full', TONE_TEXT[tone], MARK[tone])}
                  />
                  <p className="min-w-0 flex-1 break-words">
                    {event.workspaceId !== null &&
                      showWorkspace &&
                      (name === undefined ? (
                        <span className="text-ink-2">A removed workspace </span>
                      ) : (
                        <>
                          <Link
                            to="/w/$id/$tab"
                            params={{ id: event.workspaceId, tab: 'timeline' }}
                            className="font-medium hover:underline"
                          >
                            <bdi>{name}</bdi>
                          </Link>{' '}
                        </>
                      ))}
                    {showWorkspace && event.workspaceId !== null ? text : capital(text)}
                  </p>
                  {event.actor !== `box:${event.workspaceId}` && (
                    <span className="shrink-0 text-xs text-ink-2 max-md:hidden">{actorOf(event.actor, names)}</span>
                  )}
                </li>
              );
            })}
          </ol>
        </div>
      ))}
    </div>
  );
}

function capital(text: string): string {
  return `${text.slice(0, 1).toLocaleUpperCase()}${text.slice(1)}`;
}

/** Who did it: a person, a token, a box by its workspace, or the system. */
function actorOf(actor: string, names: ReadonlyMap<string, string>): string {
  const [kind = '', id = ''] = actor.split(':', 2);
  switch (kind) {
    case 'user':
      return 'a person';
    case 'token':
      return 'a token';
    case 'box':
      return names.get(id) ?? 'a box';
    default:
      return kind;
  }
}

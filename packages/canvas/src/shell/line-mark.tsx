import { connection } from '../live/connection.ts';
import { useStore } from '../live/store.ts';

const WORDS = { connecting: 'Connecting', live: 'Live', lost: 'Reconnecting', offline: 'Offline' } as const;

/** Whether what is shown is what is. */
export function LineMark() {
  const { line } = useStore(connection);
  return (
    <span
      className="flex h-8 items-center gap-1.5 text-2xs text-ink-2"
      title={line === 'live' ? 'Changes are shown as they happen.' : 'What is shown may be out of date.'}
    >
      <span
        aria-hidden="true"
        className={
          line === 'live'
            ? 'size-1.5 rounded-full bg-green'
            : 'animate-breathe size-1.5 rounded-full border border-ink-3'
        }
      />
      {WORDS[line]}
    </span>
  );
}

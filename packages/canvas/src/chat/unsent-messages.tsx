import { Button } from '../design/button.tsx';
import { UserMessage } from './message-view.tsx';
import { discard, type Unsent } from './outbox.ts';

/** What was written but is not confirmed by the server, and says so. */
export function UnsentMessages({
  entries,
  onSend,
}: {
  readonly entries: readonly Unsent[];
  readonly onSend: (entry: Unsent) => void;
}) {
  return entries.map((entry) => (
    <div key={entry.key} className={entry.state === 'sending' ? 'opacity-60' : ''}>
      <UserMessage
        text={entry.text}
        footer={entry.state === 'sending' ? <span>Sending</span> : <span className="text-red">Not sent</span>}
      />
      {entry.state === 'held' && (
        <div role="alert" className="mt-1 flex flex-wrap items-center justify-end gap-2 text-xs text-ink-2">
          <span>
            {entry.problem?.message} {entry.problem?.hint}
          </span>
          <Button onClick={() => onSend(entry)}>Send again</Button>
          <Button look="quiet" onClick={() => discard(entry.key)}>
            Discard
          </Button>
        </div>
      )}
    </div>
  ));
}

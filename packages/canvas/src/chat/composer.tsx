import { PaperAirplaneIcon, SquareFillIcon } from '@primer/octicons-react';
import { useLayoutEffect, useRef, useState } from 'react';
import { classes } from '../design/classes.ts';
import { useDraft } from './draft.ts';

/** The server's own limit. */
const LONGEST_MESSAGE = 1_000_000;
const TALLEST_PX = 260;
/** So many characters fill the field in any case. */
const TALLEST_MEASURED = 20_000;

export interface ComposerProps {
  readonly workspaceId: string;
  readonly name: string;
  readonly onSend: (text: string) => void;
  /** Set while an answer is being written. */
  readonly onStop?: (() => void) | undefined;
  readonly stopping: boolean;
}

export function Composer({ workspaceId, name, onSend, onStop, stopping }: ComposerProps) {
  const [text, setText] = useDraft(workspaceId);
  const [refused, setRefused] = useState<number | null>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => {
    const element = field.current;
    if (element === null) return;
    // Measuring a long text takes longer than typing in it.
    if (text.length > TALLEST_MEASURED) {
      element.style.height = `${TALLEST_PX}px`;
      return;
    }
    element.style.height = 'auto';
    element.style.height = `${Math.min(TALLEST_PX, element.scrollHeight)}px`;
  }, [text]);

  const tooLong = text.length > LONGEST_MESSAGE;
  const ready = text.trim() !== '' && !tooLong;
  const submit = (): void => {
    if (!ready) return;
    onSend(text.trim());
    setText('');
    field.current?.focus();
  };

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
      className="flex items-end gap-2 rounded-lg border border-field bg-surface py-1.5 pr-1.5 pl-3 shadow-card focus-within:border-blue focus-within:outline-1 focus-within:outline-blue"
    >
      <textarea
        ref={field}
        id={`composer-${workspaceId}`}
        value={text}
        rows={1}
        aria-label={`Message to ${name}`}
        placeholder={`Message ${name}`}
        onChange={(event) => {
          setRefused(null);
          setText(event.target.value);
        }}
        onPaste={(event) => {
          // No field of a browser stays usable with ten megabytes in it; what was copied is still in the clipboard.
          const length = text.length + event.clipboardData.getData('text').length;
          if (length <= LONGEST_MESSAGE) return;
          event.preventDefault();
          setRefused(length);
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
          event.preventDefault();
          submit();
        }}
        className="min-h-8 flex-1 resize-none bg-transparent py-1.5 text-base outline-none max-md:text-lg"
      />
      {refused !== null && (
        <span role="alert" className="self-center text-xs text-red">
          Not pasted: {refused.toLocaleString()} characters, at most {LONGEST_MESSAGE.toLocaleString()} can be sent
        </span>
      )}
      {tooLong && (
        <span role="alert" className="self-center text-xs text-red">
          Over {LONGEST_MESSAGE.toLocaleString()} characters
        </span>
      )}
      {onStop !== undefined && !ready ? (
        <button
          type="button"
          onClick={onStop}
          disabled={stopping}
          aria-label={stopping ? 'Stopping' : 'Stop'}
          title="Stop"
          className="inline-flex size-8 shrink-0 items-center justify-center rounded-md bg-solid text-on-solid disabled:opacity-50 max-md:size-10"
        >
          <SquareFillIcon size={14} />
        </button>
      ) : (
        <button
          type="submit"
          disabled={!ready}
          aria-label="Send"
          title="Send  (Enter)"
          className={classes(
            'inline-flex size-8 shrink-0 items-center justify-center rounded-md transition-colors max-md:size-10',
            ready ? 'bg-solid text-on-solid' : 'bg-hover text-ink-3',
          )}
        >
          <PaperAirplaneIcon size={14} />
        </button>
      )}
    </form>
  );
}

import { CheckIcon, ChevronRightIcon, ToolsIcon, XIcon } from '@primer/octicons-react';
import { useState } from 'react';
import { classes } from '../design/classes.ts';
import { CopyButton } from '../design/copy-button.tsx';
import { plainText } from '../design/plain-text.ts';
import { Spinner } from '../design/spinner.tsx';
import { duration } from '../design/time.tsx';
import type { ToolCall } from '../live/turns.ts';

const LONGEST_SHOWN = 20_000;
const SUMMARY_LENGTH = 90;

/** One tool call: what was called with what, whether it worked, how long it took; opened, the arguments and the result. */
export function ToolCard({ call, ended }: { readonly call: ToolCall; readonly ended: boolean }) {
  const [open, setOpen] = useState(false);
  const { result } = call;
  const state = result === undefined ? (ended ? 'unknown' : 'running') : result.ok ? 'ok' : 'failed';
  return (
    <div className={classes('hairline overflow-hidden rounded-md bg-surface', state === 'failed' && 'border-red/40')}>
      <button
        type="button"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        className="flex w-full min-w-0 items-center gap-2 px-2.5 py-1.5 text-left text-xs hover:bg-hover"
      >
        <span className="flex size-4 shrink-0 items-center justify-center">
          {state === 'running' && (
            <span className="text-blue">
              <Spinner size={12} />
            </span>
          )}
          {state === 'ok' && (
            <span className="text-green">
              <CheckIcon size={14} />
            </span>
          )}
          {state === 'failed' && (
            <span className="text-red">
              <XIcon size={14} />
            </span>
          )}
          {state === 'unknown' && (
            <span className="text-ink-3">
              <ToolsIcon size={12} />
            </span>
          )}
        </span>
        <span className="shrink-0 font-mono font-medium text-ink">{plainText(call.tool)}</span>
        <span className="min-w-0 flex-1 truncate font-mono text-ink-3">{summary(call.input)}</span>
        <span className="tabular shrink-0 text-ink-2">
          <span className="sr-only">
            {{ running: 'running', ok: 'succeeded', failed: 'failed', unknown: 'no result was kept' }[state]}{' '}
          </span>
          {result?.durationMs != null && duration(result.durationMs)}
        </span>
        <ChevronRightIcon
          size={12}
          className={classes('shrink-0 text-ink-3 transition-transform', open && 'rotate-90')}
        />
      </button>
      {open && (
        <div className="animate-rise space-y-2 border-t bg-sunken px-2.5 py-2">
          {call.server !== null && (
            <p className="text-2xs text-ink-2">
              Server <span className="font-mono">{plainText(call.server)}</span>
            </p>
          )}
          <Block label="Arguments" text={pretty(call.input)} />
          {result !== undefined && <Block label={result.ok ? 'Result' : 'Error'} text={pretty(result.output)} />}
        </div>
      )}
    </div>
  );
}

function Block({ label, text }: { readonly label: string; readonly text: string }) {
  const cut = text.length > LONGEST_SHOWN;
  return (
    <div>
      <div className="flex items-center justify-between">
        <span className="text-2xs font-medium text-ink-2">{label}</span>
        <CopyButton text={text} label={`Copy ${label.toLowerCase()}`} className="size-6" />
      </div>
      <pre
        tabIndex={0}
        role="region"
        aria-label={label}
        className="max-h-72 overflow-auto font-mono text-xs leading-5 break-words whitespace-pre-wrap"
      >
        {cut ? text.slice(0, LONGEST_SHOWN) : text}
      </pre>
      {cut && (
        <p className="mt-1 text-2xs text-ink-2">
          The first {LONGEST_SHOWN.toLocaleString()} of {text.length.toLocaleString()} characters. Copy takes all.
        </p>
      )}
    </div>
  );
}

function pretty(value: unknown): string {
  if (typeof value !== 'string') return plainText(JSON.stringify(value, null, 2) ?? '');
  try {
    return plainText(JSON.stringify(JSON.parse(value), null, 2));
  } catch {
    return plainText(value);
  }
}

function summary(input: unknown): string {
  if (typeof input !== 'object' || input === null) return '';
  const text = Object.entries(input)
    .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');
  return plainText(text.slice(0, SUMMARY_LENGTH));
}

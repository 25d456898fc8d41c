import { CheckIcon, ChevronRightIcon, XIcon } from '@primer/octicons-react';
import { useState } from 'react';
import type { Routes } from '../api/wire.generated.ts';
import { classes } from '../design/classes.ts';
import { plainText } from '../design/plain-text.ts';
import { readable } from '../design/status.ts';
import { Ago, clockTime, duration } from '../design/time.tsx';

type BootStep = Routes['GET /api/v1/workspaces/{id}/boot-events']['reply']['items'][number];

export interface BootGroup {
  readonly bootId: string;
  readonly steps: readonly BootStep[];
}

/** Steps grouped by boot, the newest boot first, steps in their order. */
export function byBoot(items: readonly BootStep[]): readonly BootGroup[] {
  return [...Map.groupBy(items, (each) => each.bootId)]
    .map(([bootId, steps]) => ({ bootId, steps: steps.toSorted((a, b) => a.seq - b.seq) }))
    .toSorted((a, b) => (a.bootId < b.bootId ? 1 : -1));
}

export function BootSteps({ group, newest }: { readonly group: BootGroup; readonly newest: boolean }) {
  const [open, setOpen] = useState(newest);
  const { steps } = group;
  const first = steps[0];
  const failed = steps.filter((each) => !each.ok).length;
  const total = steps.reduce((sum, each) => sum + (each.durationMs ?? 0), 0);
  const longest = Math.max(1, ...steps.map((each) => each.durationMs ?? 0));
  return (
    <div className="hairline rounded-lg">
      <button
        type="button"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        className="flex w-full items-center gap-3 rounded-lg px-4 py-2.5 text-left hover:bg-hover"
      >
        <ChevronRightIcon
          size={14}
          className={classes('shrink-0 text-ink-3 transition-transform', open && 'rotate-90')}
        />
        <span className="font-medium">{newest ? 'Newest boot' : 'Earlier boot'}</span>
        {first !== undefined && <Ago at={first.at} className="text-xs text-ink-2" />}
        <span className="tabular ml-auto text-xs text-ink-2">
          {steps.length} steps, {duration(total)}
        </span>
        {failed > 0 && <span className="text-xs font-medium text-red">{failed} failed</span>}
      </button>
      {open && (
        <ol className="border-t px-4 py-2">
          {steps.map((step) => (
            <li key={step.seq} className="grid grid-cols-[16px_minmax(0,1fr)_auto] items-baseline gap-x-3 py-1">
              <span className={classes('self-start pt-0.5', step.ok ? 'text-green' : 'text-red')}>
                {step.ok ? <CheckIcon size={14} /> : <XIcon size={14} />}
                <span className="sr-only">{step.ok ? 'ok' : 'failed'}</span>
              </span>
              <span className="min-w-0">
                <span className="mr-2 font-medium">{readable(plainText(step.step))}</span>
                <span className="break-words text-ink-2">{plainText(step.message)}</span>
                {step.code !== null && <span className="ml-2 font-mono text-2xs text-red">{step.code}</span>}
                {step.nextStep !== null && <span className="block break-words">Next: {plainText(step.nextStep)}</span>}
              </span>
              <span className="tabular flex items-center gap-2 text-xs text-ink-2">
                {step.durationMs !== null && (
                  <>
                    <span aria-hidden="true" className="hidden h-1 w-16 rounded-full bg-hover md:block">
                      <span
                        className="block h-1 rounded-full bg-ink-3"
                        style={{ width: `${Math.max(3, (100 * step.durationMs) / longest)}%` }}
                      />
                    </span>
                    <span className="w-14 text-right">{duration(step.durationMs)}</span>
                  </>
                )}
                <time dateTime={step.at} className="max-md:hidden">
                  {clockTime(step.at)}
                </time>
              </span>
            </li>
          ))}
        </ol>
      )}
    </div>
  );
}

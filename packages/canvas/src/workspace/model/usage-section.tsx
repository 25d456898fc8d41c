import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { UsageItem, Workspace } from '../../api/wire.generated.ts';
import { STEP_MS, type UsageStep, usageCourseQuery } from '../../data/model-queries.ts';
import { count, dollars } from '../../design/amount.ts';
import { BarChart } from '../../design/bar-chart.tsx';
import { Button } from '../../design/button.tsx';
import { Choice } from '../../design/field.tsx';
import { Loading } from '../../design/loading.tsx';
import { ProblemNotice } from '../../design/problem-notice.tsx';
import { Section } from '../../design/section.tsx';
import { serverNow } from '../../live/server-clock.ts';

const SPANS = [
  { key: '24h', label: 'Last 24 hours', step: 'hour', steps: 24 },
  { key: '7d', label: 'Last 7 days, by hour', step: 'hour', steps: 168 },
  { key: '30d', label: 'Last 30 days', step: 'day', steps: 30 },
] as const satisfies readonly { key: string; label: string; step: UsageStep; steps: number }[];

const MEASURES = [
  {
    key: 'tokens',
    label: 'Tokens',
    of: (item: UsageItem) => item.inputTokens + item.outputTokens,
    format: (value: number) => `${count(value)} tokens`,
  },
  { key: 'cost', label: 'Cost', of: (item: UsageItem) => item.costUsd ?? 0, format: dollars },
  {
    key: 'requests',
    label: 'Requests',
    of: (item: UsageItem) => item.requests,
    format: (value: number) => `${count(value)} ${value === 1 ? 'request' : 'requests'}`,
  },
] as const;

/** The course of what it used, from the provider's own counts. @param workspace null = the whole org */
export function UsageSection({ workspace }: { readonly workspace: Workspace | null }) {
  const [span, setSpan] = useState<(typeof SPANS)[number]>(SPANS[0]);
  const [wanted, setWanted] = useState<(typeof MEASURES)[number]>(MEASURES[0]);
  const usage = useQuery(usageCourseQuery(workspace?.id ?? null, span.step, span.steps));
  const total = usage.data?.total;
  const priced = total !== undefined && total.requests > total.unpricedRequests;
  const measure = wanted.key === 'cost' && !priced ? MEASURES[0] : wanted;
  return (
    <Section
      title="Usage"
      hint="The provider's own counts. Hours and days of UTC."
      action={
        <Choice
          aria-label="Time span"
          className="w-44!"
          value={span.key}
          onChange={(event) => setSpan(SPANS.find(({ key }) => key === event.target.value) ?? SPANS[0])}
        >
          {SPANS.map(({ key, label }) => (
            <option key={key} value={key}>
              {label}
            </option>
          ))}
        </Choice>
      }
    >
      <div className="hairline rounded-lg px-4 py-3.5">
        {usage.error !== null && (
          <ProblemNotice error={usage.error} action={<Button onClick={() => void usage.refetch()}>Try again</Button>} />
        )}
        {usage.isPending && <Loading />}
        {total !== undefined && usage.data !== undefined && (
          <>
            <div role="group" aria-label="What is plotted" className="mb-4 grid grid-cols-2 gap-1 md:grid-cols-4">
              {MEASURES.map((each) => (
                <button
                  key={each.key}
                  type="button"
                  aria-pressed={each === measure}
                  disabled={each.key === 'cost' && !priced}
                  onClick={() => setWanted(each)}
                  className="rounded-md px-2.5 py-1.5 text-left not-disabled:hover:bg-hover aria-pressed:bg-blue-soft"
                >
                  <span className="block text-xs text-ink-2">{each.label}</span>
                  <span className="tabular block text-lg font-medium">
                    {each.key === 'cost' ? (priced ? dollars(total.costUsd ?? 0) : 'no price') : count(each.of(total))}
                  </span>
                </button>
              ))}
              <div className="px-2.5 py-1.5">
                <span className="block text-xs text-ink-2">Turns</span>
                <span className="tabular block text-lg font-medium">
                  {count(total.turns)}
                  <span className="ml-1.5 text-xs font-normal text-ink-2">{duration(total.minutes)}</span>
                </span>
              </div>
            </div>
            {total.requests === 0 ? (
              <p className="py-6 text-center text-ink-2">It used nothing in this time.</p>
            ) : (
              <BarChart
                title={`${measure.label} per ${span.step}`}
                format={measure.format}
                bars={course(usage.data.items, span).map(({ at, item }) => ({
                  label: labelOf(at, span.step),
                  value: item === undefined ? 0 : measure.of(item),
                }))}
              />
            )}
            <Remarks total={total} />
          </>
        )}
      </div>
    </Section>
  );
}

function Remarks({ total }: { readonly total: UsageItem }) {
  const parts = [
    total.cachedTokens > 0 && `${count(total.cachedTokens)} of the input tokens came from the cache`,
    total.failedRequests > 0 && `${count(total.failedRequests)} requests failed`,
    total.estimatedRequests > 0 &&
      `${count(total.estimatedRequests)} are partly estimated, because their answers were cut`,
    total.unpricedRequests > 0 &&
      total.costUsd !== undefined &&
      `${count(total.unpricedRequests)} have no price and are not in the cost`,
  ].filter((part) => part !== false);
  return parts.length === 0 ? null : <p className="mt-3 text-xs text-ink-2">{parts.join(' · ')}.</p>;
}

/** Every step of the span, oldest first, with what was used in it. */
function course(items: readonly UsageItem[], { step, steps }: { readonly step: UsageStep; readonly steps: number }) {
  const found = new Map(items.map((item) => [Date.parse(item.start ?? ''), item]));
  const last = Math.floor(serverNow() / STEP_MS[step]);
  return Array.from({ length: steps }, (_, index) => {
    const at = (last - steps + 1 + index) * STEP_MS[step];
    return { at, item: found.get(at) };
  });
}

function labelOf(at: number, step: UsageStep): string {
  const date = new Date(at);
  return step === 'day'
    ? date.toLocaleDateString([], { day: 'numeric', month: 'short', timeZone: 'UTC' })
    : date.toLocaleString([], { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hour12: false });
}

/** Under a minute in seconds: a short turn did not take nothing. */
function duration(minutes: number): string {
  return minutes < 1 ? `${Math.ceil(minutes * 60)} s` : `${minutes.toFixed(1)} min`;
}

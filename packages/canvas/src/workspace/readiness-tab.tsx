import { SyncIcon } from '@primer/octicons-react';
import { useQuery } from '@tanstack/react-query';
import type { Workspace } from '../api/wire.generated.ts';
import { readinessQuery } from '../data/queries.ts';
import { Button } from '../design/button.tsx';
import { classes } from '../design/classes.ts';
import { Loading } from '../design/loading.tsx';
import { plainText } from '../design/plain-text.ts';
import { ProblemNotice } from '../design/problem-notice.tsx';
import { Section } from '../design/section.tsx';
import { SIGNAL_ICON } from '../design/signal-marks.tsx';
import { SIGNAL_LABEL, SIGNAL_TONE, SIGNALS, STATUS, TONE_SOFT, TONE_TEXT } from '../design/status.ts';
import { StatusMark } from '../design/status-mark.tsx';
import { Ago } from '../design/time.tsx';
import { IsolationWalls } from './isolation-walls.tsx';
import { ProofLadder } from './proof-ladder.tsx';
import { useLifecycle } from './use-lifecycle.ts';

/** Why the workspace is as it is: the verdict, the three signals, and the proof of each server rung by rung. */
export function ReadinessTab({ workspace }: { readonly workspace: Workspace }) {
  const readiness = useQuery(readinessQuery(workspace.id));
  const { restart } = useLifecycle(workspace);
  const { tone } = STATUS[workspace.status];
  if (readiness.error !== null)
    return (
      <ProblemNotice
        error={readiness.error}
        action={<Button onClick={() => void readiness.refetch()}>Try again</Button>}
      />
    );
  const summary = readiness.data?.summary;
  return (
    <div className="space-y-7">
      <div className={classes('flex flex-wrap items-start gap-3 rounded-lg px-4 py-3.5', TONE_SOFT[tone])}>
        <span className="mt-1.5">
          <StatusMark status={workspace.status} size={14} />
        </span>
        <div className="min-w-0 flex-1">
          <p className="text-lg font-medium break-words">{summary?.headline ?? STATUS[workspace.status].meaning}</p>
          {summary?.nextStep != null && <p className="mt-0.5 text-base text-ink-2">Next: {summary.nextStep}</p>}
        </div>
        {(tone === 'red' || tone === 'amber') && (
          <Button look="solid" icon={<SyncIcon size={14} />} busy={restart.isPending} onClick={() => restart.mutate()}>
            Restart and prove again
          </Button>
        )}
      </div>

      <Section title="Signals" hint="What it takes to be able, each with its own reason.">
        <ul className="hairline divide-y divide-line rounded-lg">
          {SIGNALS.map(({ key, label, question }) => {
            const signal = workspace.signals[key];
            const Icon = SIGNAL_ICON[key];
            const signalTone = SIGNAL_TONE[signal.status];
            return (
              <li key={key} className="flex gap-3 px-4 py-3">
                <span
                  className={classes(
                    'flex size-7 shrink-0 items-center justify-center rounded-md',
                    TONE_SOFT[signalTone],
                    TONE_TEXT[signalTone],
                  )}
                >
                  <Icon size={14} />
                </span>
                <div className="min-w-0 flex-1">
                  <p className="flex flex-wrap items-baseline gap-x-2">
                    <span className="font-medium">{label}</span>
                    <span className={classes('text-xs', TONE_TEXT[signalTone])}>{SIGNAL_LABEL[signal.status]}</span>
                    <span className="text-xs text-ink-2">{question}</span>
                  </p>
                  <p className="break-words text-ink-2">{plainText(signal.message)}</p>
                  {signal.nextStep !== null && <p className="break-words">Next: {plainText(signal.nextStep)}</p>}
                  {signal.reason !== null && <p className="font-mono text-2xs text-ink-2">{signal.reason}</p>}
                </div>
                {signal.since !== null && <Ago at={signal.since} className="shrink-0 text-xs text-ink-2" />}
              </li>
            );
          })}
        </ul>
      </Section>

      <Section title="Proof" hint="Each server the agent needs climbs these rungs. It counts once it is live.">
        {readiness.data === undefined ? (
          <Loading />
        ) : readiness.data.servers.length === 0 ? (
          <p className="text-ink-2">
            {readiness.data.bootId === null
              ? 'It has no box now, so there is nothing to prove.'
              : 'This workspace needs no server.'}
          </p>
        ) : (
          <div className="space-y-3">
            {readiness.data.servers.map((server) => (
              <ProofLadder key={server.server} server={server} />
            ))}
          </div>
        )}
      </Section>

      {readiness.data?.isolation != null && (
        <Section title="Isolation" hint="What really separates the box from the machine.">
          <IsolationWalls isolation={readiness.data.isolation} />
        </Section>
      )}
    </div>
  );
}

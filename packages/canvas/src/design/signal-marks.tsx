import { IdBadgeIcon, PlugIcon, ZapIcon } from '@primer/octicons-react';
import type { Signals } from '../api/wire.generated.ts';
import { classes } from './classes.ts';
import { SIGNAL_LABEL, SIGNAL_TONE, SIGNALS, TONE_SOFT, TONE_TEXT } from './status.ts';

export const SIGNAL_ICON = { responsiveness: ZapIcon, capability: PlugIcon, identity: IdBadgeIcon } as const;

/** The three signals side by side. One that is not ok stands on a patch; one that is unknown is pale. Each has its sentence as tooltip. */
export function SignalMarks({
  signals,
  stale = false,
}: {
  readonly signals: Signals /** It does not run: this is how it was when it last did. */;
  readonly stale?: boolean;
}) {
  return (
    <span
      role="img"
      aria-label={`${stale ? 'When it last ran: ' : ''}${SIGNALS.map(({ key, label }) => `${label} ${SIGNAL_LABEL[signals[key].status]}`).join(', ')}`}
      className="inline-flex items-center gap-0.5"
    >
      {SIGNALS.map(({ key, label }) => {
        const signal = signals[key];
        const Icon = SIGNAL_ICON[key];
        const tone = SIGNAL_TONE[signal.status];
        const bad = signal.status === 'failed' || signal.status === 'warning';
        return (
          <span
            key={key}
            title={`${stale ? 'When it last ran. ' : ''}${label}: ${signal.message}`}
            className={classes(
              'inline-flex size-5 items-center justify-center rounded-sm',
              stale ? 'text-ink-3' : TONE_TEXT[tone],
              bad && !stale && TONE_SOFT[tone],
              signal.status === 'unknown' && 'opacity-60',
            )}
          >
            <Icon size={12} />
          </span>
        );
      })}
    </span>
  );
}

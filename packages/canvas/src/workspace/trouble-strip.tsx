import { Link } from '@tanstack/react-router';
import type { Workspace } from '../api/wire.generated.ts';
import { classes } from '../design/classes.ts';
import { SIGNALS, STATUS, TONE_SOFT } from '../design/status.ts';
import { StatusMark } from '../design/status-mark.tsx';

/** One line under a header when a workspace is not able: what is wrong and what to do. Nothing when all is well. */
export function TroubleStrip({ workspace }: { readonly workspace: Workspace }) {
  const { status, signals } = workspace;
  if (status === 'online' || status === 'removed') return null;
  const worst =
    SIGNALS.map(({ key }) => signals[key]).find((signal) => signal.status === 'failed') ??
    SIGNALS.map(({ key }) => signals[key]).find((signal) => signal.status === 'warning');
  const { tone, meaning } = STATUS[status];
  const starting = status === 'booting' || status === 'provisioning';
  return (
    <div
      role="status"
      className={classes('flex shrink-0 items-start gap-2.5 border-b px-4 py-2 text-sm', TONE_SOFT[tone])}
    >
      <span className="mt-1">
        <StatusMark status={status} />
      </span>
      <p className="min-w-0 flex-1 break-words">
        <span className="font-medium">{STATUS[status].label}.</span> {starting ? meaning : (worst?.message ?? meaning)}{' '}
        {!starting && worst?.nextStep != null && <span className="text-ink-2">{worst.nextStep}</span>}
      </p>
      <Link
        to="/w/$id/$tab"
        params={{ id: workspace.id, tab: 'readiness' }}
        className="shrink-0 font-medium underline decoration-line-strong underline-offset-2 hover:decoration-ink"
      >
        {starting ? 'Watch' : 'Why'}
      </Link>
    </div>
  );
}

import type { Workspace } from '../api/wire.generated.ts';
import { classes } from './classes.ts';
import { STATUS, TONE_TEXT } from './status.ts';

/** The state of a workspace as a shape of its own, so that it can be told without colour. */
export function StatusMark({ status, size = 12 }: { readonly status: Workspace['status']; readonly size?: number }) {
  const { tone } = STATUS[status];
  const busy = status === 'booting' || status === 'provisioning';
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 12 12"
      aria-hidden="true"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.8"
      className={classes('shrink-0', TONE_TEXT[tone], busy && 'animate-turn')}
    >
      {shape(status)}
    </svg>
  );
}

function shape(status: Workspace['status']) {
  switch (status) {
    case 'online':
      return <circle cx="6" cy="6" r="4.5" fill="currentColor" stroke="none" />;
    case 'degraded':
      return (
        <>
          <circle cx="6" cy="6" r="4.1" />
          <path d="M6 1.900a4.1 4.1 0 0 1 0 8.200Z" fill="currentColor" stroke="none" />
        </>
      );
    case 'failed':
      return <path d="m2.5 2.5 7 7m0-7-7 7" strokeWidth="2.2" strokeLinecap="round" />;
    case 'offline':
      return (
        <>
          <circle cx="6" cy="6" r="4.1" />
          <path d="m3.2 8.8 5.6-5.6" />
        </>
      );
    case 'provisioning':
    case 'booting':
      return (
        <>
          <circle cx="6" cy="6" r="4.3" opacity="0.3" />
          <path d="M10.3 6A4.3 4.3 0 0 0 6 1.7" strokeLinecap="round" />
        </>
      );
    case 'paused':
      return <path d="M4 2.500v7m4-7v7" strokeWidth="2.2" strokeLinecap="round" />;
    case 'hibernated':
      return <path d="M9.6 7.300A4.2 4.2 0 1 1 4.7 2.400a3.6 3.6 0 0 0 4.9 4.900Z" strokeLinejoin="round" />;
    case 'removed':
      return <path d="M2.5 6h7" strokeLinecap="round" />;
  }
}

export function StatusLabel({
  status,
  className,
}: {
  readonly status: Workspace['status'];
  readonly className?: string;
}) {
  return (
    <span
      className={classes('inline-flex items-center gap-1.5 whitespace-nowrap', className)}
      title={STATUS[status].meaning}
    >
      <StatusMark status={status} />
      {STATUS[status].label}
    </span>
  );
}

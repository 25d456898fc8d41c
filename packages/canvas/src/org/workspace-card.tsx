import { memo } from 'react';
import type { Workspace } from '../api/wire.generated.ts';
import { classes } from '../design/classes.ts';
import { SignalMarks } from '../design/signal-marks.tsx';
import { isResting, readable, SIGNALS, STATUS, TONE_SOFT, TONE_TEXT } from '../design/status.ts';
import { StatusMark } from '../design/status-mark.tsx';
import { toggleFold } from './folded.ts';
import { useCardDetail } from './map-view.ts';

export interface WorkspaceCardProps {
  readonly workspace: Workspace;
  readonly below: number;
  readonly hasChildren: boolean;
  readonly closed: boolean;
  readonly working: boolean;
  readonly dim: boolean;
  /** Another card is held above it and would be hung below it. */
  readonly target?: boolean;
  /** In the tab order: exactly one card of the map is. */
  readonly current: boolean;
  readonly onOpen: (id: string) => void;
  readonly onFocus: (id: string) => void;
}

const TARGET = 'outline-3 outline-offset-2 outline-blue';

/** A workspace on the map, at a place of it. */
export const WorkspaceCard = memo(function WorkspaceCard(
  props: WorkspaceCardProps & { readonly x: number; readonly y: number },
) {
  const detail = useCardDetail(props.x, props.y);
  const { workspace, below, hasChildren, closed, working, dim, target = false, current, onOpen, onFocus } = props;
  const { label, tone } = STATUS[workspace.status];
  const button = {
    type: 'button',
    'data-workspace': workspace.id,
    tabIndex: current ? 0 : -1,
    onClick: () => onOpen(workspace.id),
    onFocus: () => onFocus(workspace.id),
  } as const;
  const more = `${working ? ', working' : ''}${hasChildren ? `, ${below} below${closed ? ', folded' : ''}` : ''}`;
  const troubled = tone === 'red' || tone === 'amber';
  if (detail !== 'full') {
    // Nothing here may clip, fade, move or be a drawing of its own: each of these is put into layers by itself, a thousand times for each frame.
    return (
      <button
        {...button}
        aria-label={`${workspace.name} ${label}${more}`}
        className={classes(
          'flex size-full items-center gap-3 border px-3 text-left',
          dim
            ? 'border-line text-line-strong'
            : troubled
              ? `border-current ${TONE_SOFT[tone]} ${TONE_TEXT[tone]}`
              : 'border-line bg-raised',
          target && TARGET,
        )}
      >
        {detail === 'name' && (
          <>
            <span
              data-status={workspace.status}
              className={classes('org-map-mark size-6 shrink-0', !dim && TONE_TEXT[tone])}
            />
            <bdi
              className={classes(
                'min-w-0 text-[1.75rem] leading-8 font-semibold wrap-anywhere',
                !dim && 'text-ink',
                isLong(workspace.name) && 'line-clamp-2',
              )}
            >
              {workspace.name}
            </bdi>
          </>
        )}
      </button>
    );
  }
  const reason = reasonOf(workspace);
  return (
    <div className={classes('relative h-full', dim && 'opacity-25')}>
      <button
        {...button}
        className={classes(
          'hairline flex size-full flex-col justify-between rounded-lg bg-raised px-3 py-2.5 text-left shadow-card transition-colors hover:border-line-strong',
          troubled && `border-current/40 ${TONE_TEXT[tone]}`,
          target && TARGET,
        )}
      >
        <span className="flex w-full min-w-0 items-center gap-2 text-ink">
          <StatusMark status={workspace.status} />
          <bdi className="min-w-0 flex-1 truncate text-sm font-semibold">{workspace.name}</bdi>
          {working && (
            <span
              aria-hidden="true"
              title="Works on a task"
              className="animate-breathe size-2 shrink-0 rounded-full bg-blue"
            />
          )}
        </span>
        <span className="w-full truncate text-xs text-ink-2">
          {reason === null ? workspace.runtime : <span className={TONE_TEXT[tone]}>{reason}</span>}
        </span>
        <span className="flex w-full items-center justify-between text-xs text-ink-2">
          <SignalMarks signals={workspace.signals} stale={isResting(workspace.status)} />
          <span>{label}</span>
        </span>
        <span className="sr-only">{more}</span>
      </button>
      {hasChildren && (
        <button
          type="button"
          tabIndex={-1}
          aria-label={`${closed ? 'Unfold' : 'Fold'} what is below ${workspace.name}`}
          onClick={() => toggleFold(workspace.id)}
          className="tabular absolute -bottom-2.5 left-1/2 h-5 min-w-7 -translate-x-1/2 rounded-full border border-line-strong bg-raised px-1.5 text-2xs text-ink-2 hover:bg-hover"
        >
          {closed ? `+${below}` : '−'}
        </button>
      )}
    </div>
  );
});

/** Might need more than two lines of the far card. Wide letters count twice. */
function isLong(name: string): boolean {
  return name.length + name.replaceAll(/[a-z0-9 .,:_-]/g, '').length > 18;
}

/** Why it is not simply online, in a few words. */
function reasonOf(workspace: Workspace): string | null {
  if (STATUS[workspace.status].tone !== 'red' && STATUS[workspace.status].tone !== 'amber') return null;
  const bad = SIGNALS.map(({ key }) => workspace.signals[key]).find(
    (signal) => signal.status === 'failed' || signal.status === 'warning',
  );
  const code = workspace.statusReason ?? bad?.reason ?? null;
  return code === null ? null : readable(code);
}

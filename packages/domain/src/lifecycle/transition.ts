import type { WorkspaceKind, WorkspaceStatus } from '@molecule/contracts';
import type { LifecycleEvent } from './lifecycle-event.ts';

export type Transition =
  | { readonly ok: true; readonly to: WorkspaceStatus }
  | { readonly ok: false; readonly code: 'transition_illegal' | 'workspace_removed' | 'concierge_protected' };

type Row = Readonly<Partial<Record<LifecycleEvent, WorkspaceStatus>>>;

// What may happen to a workspace that has, or waits for, a box. Restart and a new boot go back to the start.
const WITH_BOX = {
  boot_assigned: 'provisioning',
  restart: 'provisioning',
  pause: 'paused',
  remove: 'removed',
} as const satisfies Row;
const NO_WORD = { heartbeat_lost: 'offline', host_lost: 'offline' } as const satisfies Row;

/**
 * The legal moves; what is not listed is refused. Invariants, each checked by a test over every status × event:
 * nothing leaves `removed`; only `resume` or `remove` leaves `paused`; only a proof (`able`) leads to `online`.
 */
const MOVES: Readonly<Record<WorkspaceStatus, Row>> = {
  // A box that has not enrolled cannot report: no way leads from here to online but through `booting`.
  provisioning: { ...WITH_BOX, enrolled: 'booting', boot_failed: 'failed', host_lost: 'offline' },
  booting: {
    ...WITH_BOX,
    ...NO_WORD,
    enrolled: 'booting',
    registered_unable: 'booting',
    able: 'online',
    degraded: 'degraded',
    gate_refused: 'failed',
    boot_failed: 'failed',
  },
  online: {
    ...WITH_BOX,
    ...NO_WORD,
    registered_unable: 'degraded',
    able: 'online',
    degraded: 'degraded',
    gate_refused: 'failed',
    hibernate: 'hibernated',
  },
  degraded: {
    ...WITH_BOX,
    ...NO_WORD,
    registered_unable: 'degraded',
    able: 'online',
    degraded: 'degraded',
    gate_refused: 'failed',
    hibernate: 'hibernated',
  },
  // `failed` keeps listening: repair and recovery need no restart (B85, I28). A late enrolment of the present boot still counts.
  failed: {
    ...WITH_BOX,
    ...NO_WORD,
    enrolled: 'booting',
    registered_unable: 'failed',
    able: 'online',
    degraded: 'degraded',
    gate_refused: 'failed',
    boot_failed: 'failed',
  },
  offline: {
    ...WITH_BOX,
    ...NO_WORD,
    enrolled: 'booting',
    registered_unable: 'booting',
    able: 'online',
    degraded: 'degraded',
    gate_refused: 'failed',
    boot_failed: 'failed',
  },
  paused: { pause: 'paused', resume: 'provisioning', remove: 'removed' },
  hibernated: {
    hibernate: 'hibernated',
    wake: 'provisioning',
    restart: 'provisioning',
    pause: 'paused',
    remove: 'removed',
  },
  removed: {},
};

/**
 * Where an event leads (design 5, B86). A move onto the same status is legal and changes nothing; a refusal carries the code of
 * the error catalogue.
 */
export function transition(from: WorkspaceStatus, event: LifecycleEvent, kind: WorkspaceKind): Transition {
  if (from === 'removed') return { ok: false, code: 'workspace_removed' };
  // The org root stays (B6): the schema refuses it as well.
  if (event === 'remove' && kind === 'platform') return { ok: false, code: 'concierge_protected' };
  const to = MOVES[from][event];
  return to === undefined ? { ok: false, code: 'transition_illegal' } : { ok: true, to };
}

/** Whether a workspace in this status shall have a box: hosts are told to start what lacks one and to stop what should have none. */
export function wantsBox(status: WorkspaceStatus): boolean {
  return status !== 'paused' && status !== 'hibernated' && status !== 'removed';
}

/**
 * What can happen to a workspace.
 *
 * - `boot_assigned`: a host was told to start a box; `enrolled`: that box exchanged its one-time token.
 * - `registered_unable`: the box reports in, but not everything is proved yet.
 * - `able`: everything is proved (first time, or again); `degraded`: it reports but is not whole.
 * - `gate_refused`: the fail-closed gate said no (B80, B81); `boot_failed`: the box did not come up in its time.
 * - `heartbeat_lost`, `host_lost`: nothing is known of the box any more.
 * - `restart`, `pause`, `resume`, `hibernate`, `wake`, `remove`: somebody wants it so.
 */
export const LIFECYCLE_EVENTS = [
  'boot_assigned',
  'enrolled',
  'registered_unable',
  'able',
  'degraded',
  'gate_refused',
  'boot_failed',
  'heartbeat_lost',
  'host_lost',
  'restart',
  'pause',
  'resume',
  'hibernate',
  'wake',
  'remove',
] as const;
export type LifecycleEvent = (typeof LIFECYCLE_EVENTS)[number];

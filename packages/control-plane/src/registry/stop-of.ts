import type { HeartbeatReply, HeartbeatRequest } from '@molecule/contracts';

type Attempt = NonNullable<HeartbeatRequest['running']>;

/**
 * What a heartbeat's answer says about the attempt that the beat named. It names the attempt too: by the time the answer arrives,
 * the box may be at work on the next one.
 * @param leases by task: whether somebody asked to cancel; absent = this attempt holds the lease no more
 */
export function stopOf(running: Attempt | null, leases: ReadonlyMap<string, boolean>): HeartbeatReply['stop'] {
  if (running === null) return null;
  const cancel = leases.get(running.taskId);
  if (cancel === false) return null;
  return { taskId: running.taskId, attempt: running.attempt, reason: cancel === true ? 'cancelled' : 'lost' };
}

import type { EventHub } from './event-hub.ts';
import type { Logger } from './logger.ts';

/** After this long without any event there is hardly anything to find. */
const QUIET_AFTER_MS = 20_000;
/** How often a pass looks all the same: for what only the time brings about, and for what another replica left behind. */
const REST_INTERVAL_MS = 15_000;
/** A pass that is due this many intervals late shows that the machine slept or this process hung. */
const GAP_INTERVALS = 3;

/**
 * Runs a pass again and again, never two at once, until stopped. A pass that fails is logged and tried again at the next interval. While nothing happens
 * in the whole installation, passes come seldom: an idle installation shall cost next to nothing.
 * @param pass its argument is true when nobody was watching before it: it is the first one, the one before it failed, or it comes late
 * @returns function that ends it and waits for a pass under way
 */
export function every(
  intervalMs: number,
  { log, events }: { readonly log: Logger; readonly events: Pick<EventHub, 'quietMs'> },
  name: string,
  pass: (afterGap: boolean) => Promise<unknown>,
): () => Promise<void> {
  let running: Promise<void> | null = null;
  let gap = true;
  let [lastTickMs, lastRunMs] = [Date.now(), 0];
  const run = async (): Promise<void> => {
    try {
      await pass(gap);
      gap = false;
    } catch (error) {
      gap = true;
      log.warn({ err: error, name }, 'a background pass failed; trying again');
    }
    running = null;
  };
  const timer = setInterval(() => {
    const nowMs = Date.now(); // of the wall: the other clocks stand still while a machine sleeps
    if (nowMs - lastTickMs > intervalMs * GAP_INTERVALS) gap = true;
    lastTickMs = nowMs;
    const rests = events.quietMs > QUIET_AFTER_MS && nowMs - lastRunMs < REST_INTERVAL_MS;
    if (rests && !gap) return;
    lastRunMs = nowMs;
    running ??= run();
  }, intervalMs);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await running;
  };
}

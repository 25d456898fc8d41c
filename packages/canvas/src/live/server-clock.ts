import { createStore } from './store.ts';

/** Smaller differences are the way of the answer and the whole seconds of its header. */
const WORTH_CORRECTING_MS = 5_000;
/** How far the server's clock is ahead of this machine's, ms. */
export const serverAheadMs = createStore(0);

/** Learns from an answer how far the clock of this machine is off. Times that are shown come from the server, and so does what they are compared with. */
export function noteServerTime(response: Response): void {
  const date = Date.parse(response.headers.get('date') ?? '');
  if (Number.isNaN(date)) return;
  const off = date - Date.now();
  if (Math.abs(off) <= WORTH_CORRECTING_MS) serverAheadMs.set(0);
  else if (Math.abs(off - serverAheadMs.get()) > WORTH_CORRECTING_MS) serverAheadMs.set(off);
}

/** Now, by the server's clock, ms since the epoch. */
export function serverNow(): number {
  return Date.now() + serverAheadMs.get();
}

import { serverAheadMs } from '../live/server-clock.ts';
import { createStore, useStore } from '../live/store.ts';

/** One clock for all relative times of the page: it ticks only while the page is looked at. */
const minute = createStore(Date.now());
const TICK_MS = 20_000;
setInterval(() => {
  if (!document.hidden) minute.set(Date.now());
}, TICK_MS);
document.addEventListener('visibilitychange', () => minute.set(Date.now()));

/** "3 min ago", with the exact time as tooltip. A time in the future is a clock that goes wrong, not a prophecy: it reads "just now". */
export function Ago({ at, className }: { readonly at: string; readonly className?: string }) {
  useStore(minute);
  const ahead = useStore(serverAheadMs);
  return (
    <time dateTime={at} title={new Date(at).toLocaleString()} className={className}>
      {ago(Date.parse(at), Date.now() + ahead)}
    </time>
  );
}

export function ago(at: number, now: number): string {
  const seconds = Math.max(0, (now - at) / 1000);
  if (seconds < 45) return 'just now';
  if (seconds < 3600) return `${Math.max(1, Math.round(seconds / 60))} min ago`;
  if (seconds < 86_400) return `${Math.round(seconds / 3600)} h ago`;
  if (seconds < 30 * 86_400) return `${Math.round(seconds / 86_400)} d ago`;
  return new Date(at).toLocaleDateString();
}

export function clockTime(at: string): string {
  return new Date(at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false });
}

/** 12 ms, 1.4 s, 2 min 5 s. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}

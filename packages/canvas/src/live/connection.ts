import { createStore } from './store.ts';

/**
 * What the page knows about its line to the server.
 * `connecting` at the start, `live` while events flow, `lost` while it is tried again, `offline` when the machine itself has no network.
 */
export type Line = 'connecting' | 'live' | 'lost' | 'offline';

export interface Connection {
  readonly line: Line;
  /** When the line was lost, ms since the epoch; null while it is fine. */
  readonly since: number | null;
  /** When it is tried again, ms since the epoch. */
  readonly retryAt: number | null;
}

export const connection = createStore<Connection>({ line: 'connecting', since: null, retryAt: null });
/** True after the server refused the session; the page stays as it is and asks for a new one. */
export const sessionEnded = createStore(false);
/** True when the server runs another version than the one this page came from. */
export const serverUpgraded = createStore(false);

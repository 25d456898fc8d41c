import { call, whenSignedOut } from '../api/client.ts';
import { queryClient } from '../data/query-client.ts';
import { createEventApplier } from './apply-event.ts';
import { connection, serverUpgraded, sessionEnded } from './connection.ts';
import { startEventStream } from './event-stream.ts';
import { dropAllTurns } from './turn-store.ts';

let opened: () => void = () => {};
/** Settles when the stream was opened for the first time, or at its first failure: what is asked after it cannot miss an event. */
export const streamOpened = new Promise<void>((resolve) => (opened = resolve));

let stream: ReturnType<typeof startEventStream> | undefined;
let version: string | undefined;

/** Opens the page's one event stream; again after a new sign-in. */
export function startLive(): void {
  stream?.stop();
  sessionEnded.set(false);
  const apply = createEventApplier(queryClient);
  stream = startEventStream({
    onEvents: apply,
    onOpen: (gap) => {
      opened();
      if (gap) {
        dropAllTurns();
        void queryClient.invalidateQueries();
      }
      void checkVersion();
    },
    onSignedOut: () => {
      opened();
      sessionEnded.set(true);
    },
  });
}

export function retryNow(): void {
  stream?.retryNow();
}

/** Goes on after the person has signed in again in another tab. */
export async function resumeSession(): Promise<boolean> {
  const known = await call('GET /api/v1/session').then(
    () => true,
    () => false,
  );
  if (!known) return false;
  startLive();
  await queryClient.invalidateQueries();
  return true;
}

async function checkVersion(): Promise<void> {
  const found = await fetch('/healthz', { cache: 'no-store' }).then(
    (response) => response.json() as Promise<{ readonly version?: string }>,
    () => undefined,
  );
  if (found?.version === undefined) return;
  version ??= found.version;
  if (version !== found.version) serverUpgraded.set(true);
}

whenSignedOut(() => {
  if (queryClient.getQueryData(['session']) !== undefined) sessionEnded.set(true);
});
connection.subscribe(() => {
  if (connection.get().line !== 'connecting') opened();
});

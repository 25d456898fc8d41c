import { openDatabaseDesk } from './database-desk.ts';
import { DESK_VARIABLE, URL_VARIABLE } from './server-request.ts';

/** Called by vitest in its main process, once for each project; they share one desk. Starts no server: the first test that wants one does. */
export async function setup(): Promise<() => Promise<void>> {
  if ((process.env[URL_VARIABLE] ?? '') !== '' || process.env[DESK_VARIABLE] !== undefined) return async () => {};
  const desk = await openDatabaseDesk();
  process.env[DESK_VARIABLE] = desk.socket;
  return async () => {
    delete process.env[DESK_VARIABLE]; // in watch mode the next run opens its own
    await desk.close();
  };
}

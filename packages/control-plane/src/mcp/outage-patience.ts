import { setTimeout as delay } from 'node:timers/promises';
import { isMoleculeError } from '@molecule/contracts';
import { asDatabaseError, asUnstorableValue } from '@molecule/store';

/** A managed database that was killed is back within a second; a failover of one's own takes longer. */
const PATIENCE_MS = 20_000;
const PAUSE_MS = 200;

/**
 * Does something again while the database is away, so that an agent does not take an outage of ours for an answer.
 * @param mayRepeat asked before each repeat: false when a repeat could have an effect twice
 * @throws MoleculeError `database_unavailable` when it stays away, or what `work` throws
 */
export async function despiteOutage<T>(
  work: () => Promise<T>,
  mayRepeat: () => boolean,
  signal: AbortSignal,
): Promise<T> {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const known = isMoleculeError(error) ? error : (asDatabaseError(error) ?? asUnstorableValue(error));
      if (known === undefined) throw error;
      const isOutage = known.code === 'database_unavailable';
      if (!isOutage || !mayRepeat() || signal.aborted || performance.now() > end) throw known;
      await delay(PAUSE_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}

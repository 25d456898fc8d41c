import type { Executor } from '@molecule/store';
import { sql } from 'kysely';

const SEALING = sql`hashtextextended('molecule.secrets.sealing', 0)`;
const ROTATION = sql`hashtextextended('molecule.secrets.rotation', 0)`;

/**
 * To be held by whoever seals a value, before the key is chosen and until the value is committed: a master key may go only when
 * nothing is on its way that was sealed with it.
 */
export async function lockForSealing(trx: Executor): Promise<void> {
  await sql`select pg_advisory_xact_lock_shared(${SEALING})`.execute(trx);
}

/** Waits for all who are sealing, and keeps others from it while the new key comes into force. Whoever seals afterwards reads the keys anew. */
export async function lockWhileRenewing(trx: Executor): Promise<void> {
  await sql`select pg_advisory_xact_lock(${SEALING})`.execute(trx);
}

/** Two rotations at once would each drop the key that the other has just wrapped everything with. @param work gets the connection that holds the lock */
export async function oneRotationAtATime<T>(db: Executor, work: (own: Executor) => Promise<T>): Promise<T> {
  return db.connection().execute(async (own) => {
    await sql`select pg_advisory_lock(${ROTATION})`.execute(own);
    try {
      return await work(own);
    } finally {
      await sql`select pg_advisory_unlock(${ROTATION})`.execute(own);
    }
  });
}

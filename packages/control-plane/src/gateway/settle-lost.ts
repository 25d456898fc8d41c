import { lockLostCalls, type Settlement, settle, settleEndedTurns } from '@molecule/store';
import { tellCrossings } from '../budgets/budget-crossings.ts';
import type { Services } from '../kernel/services.ts';
import { NOTHING_USED } from './call-ledger.ts';

const MOST_PER_PASS = 500;

/**
 * Settles what nobody else will: calls of processes that have been silent since `silentSince`, from what was known of them; and turns whose
 * attempt has ended. Any number of replicas may do this at the same time. @returns how many were settled
 */
export async function settleLost(services: Services, silentSince: Date, now: Date): Promise<number> {
  return services.db.transaction().execute(async (trx) => {
    const calls = await lockLostCalls(trx, silentSince, MOST_PER_PASS);
    const lost = calls.map(
      (call): Settlement => ({
        ...NOTHING_USED,
        id: call.id,
        input: call.input_tokens,
        output: call.output_tokens,
        cost: null,
        requests: 1,
        estimated: 1,
        failed: 1,
        turns: 0,
        turnMs: 0,
      }),
    );
    const turns = await settleEndedTurns(trx, now, MOST_PER_PASS);
    await tellCrossings(trx, await settle(trx, lost, now));
    if (lost.length > 0)
      services.log.warn({ calls: lost.length }, 'calls of a lost process were settled from what was known of them');
    return lost.length + turns;
  });
}

import { processesOf, startTestInstallation } from '@molecule/testkit/installation';
import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import { EventReader } from './event-reader.ts';
import { orderOfKills } from './order-of-kills.ts';
import { seededRandom } from './random.ts';
import { chaosRound } from './round.ts';
import { demandWhole } from './whole.ts';

/** Kills in all; `CHAOS_ROUNDS` and `CHAOS_SEED` choose others, e.g. to see a failure again. */
const ROUNDS = Number(process.env['CHAOS_ROUNDS'] ?? 52);
const SEED = Number(process.env['CHAOS_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
/** A restart boots every workspace again, so the rounds are spread over several installations. */
const ROUNDS_EACH = 13;
const LIMIT_OF_ROUND_MS = 300_000;

for (let first = 0; first < ROUNDS; first += ROUNDS_EACH) {
  const seed = SEED + first;
  const kills = orderOfKills(Math.min(ROUNDS_EACH, ROUNDS - first), seededRandom(seed));
  // Most of a round is waiting: two installations at a time.
  test.concurrent(verifies(
    ['I2-kill-cp', 'I2-kill-host', 'I2-kill-pg', 'I2-kill-agent', 'I2-kill-chaos'],
    `${kills.length} kills at random moments lose nothing and double nothing (seed ${seed})`,
  ), {
    timeout: kills.length * LIMIT_OF_ROUND_MS,
  }, async () => {
    const house = await startTestInstallation();
    const reader = new EventReader(house);
    const names: string[] = [];
    try {
      for (const kill of kills) {
        const name = `chaos-${first + names.length}`;
        const started = performance.now();
        console.log(`${name}: kill -9 ${kill.role} after ${kill.afterMs} ms`);
        names.push(name);
        await chaosRound(house, name, kill);
        await demandWhole(house, names, reader);
        console.log(`${name}: whole after ${Math.round(performance.now() - started)} ms`);
      }
      await reader.close();
      expect(await house.down()).toBe(0);
      expect(processesOf(house.dataDir)).toEqual([]);
    } finally {
      await reader.close();
      await house.dispose();
    }
  });
}

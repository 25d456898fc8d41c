import type { Proof } from '@molecule/contracts';
import { parsedRung } from '../proof/parsed-rung.ts';
import { type BoxContext, loadApplied } from './box-context.ts';
import { setUpRuntime } from './runtime-setup.ts';

/**
 * Asks the real CLI what it loaded, once the box is up, since a start of the CLI costs more than the whole boot. Only for a box that has a required server: the others work on without.
 * @returns the `parsed` rung of each server; nothing when the CLI could not be asked, which says nothing about the servers
 */
export async function inspectLate(context: BoxContext): Promise<readonly Proof[]> {
  const { services, layout, journal } = context;
  const state = loadApplied(layout);
  const { desired } = state;
  const adapter = services.adapters.get(desired.runtime);
  if (adapter === undefined || !desired.servers.some(({ required }) => required)) return [];
  const setup = setUpRuntime(context, state, adapter, await services.detect(adapter));
  const walls = await context.walls.use(setup.walls);
  try {
    const inspection = await journal.step(
      'inspect',
      () =>
        adapter.inspect({
          layout,
          detection: setup.detection,
          model: desired.model,
          env: setup.env,
          allowedServers: [],
          spawn: walls.box.spawn.bind(walls.box),
          now: services.now,
          warmMs: 0,
          prewarm: false,
          log: services.log,
        }),
      (seen) => ({ message: seen === null ? `${desired.runtime} cannot tell` : Object.keys(seen.servers).join(', ') }),
    );
    if (inspection !== null && !inspection.ok && Object.keys(inspection.servers).length === 0) return [];
    return setup.servers.map(({ name }) => parsedRung(name, inspection));
  } finally {
    walls.release();
  }
}

import type { Detection } from '@molecule/adapters';
import type { DesiredState } from '@molecule/contracts';
import { type AppliedState, type BoxContext, storeApplied } from './box-context.ts';
import type { Delivery } from './plugin-delivery.ts';
import { dueSetups, runSetups } from './plugin-setup.ts';
import { type RuntimeSetup, setUpRuntime } from './runtime-setup.ts';

/** Runs what the setups of new artifacts need. @returns plugins that are not ready for use */
export async function prepare(
  context: BoxContext,
  desired: DesiredState,
  delivery: Delivery,
  setup: RuntimeSetup,
): Promise<ReadonlySet<string>> {
  const { layout, journal, credentials } = context;
  const due = dueSetups(desired.artifacts, delivery, layout);
  if (due.length === 0) return new Set();
  // Without walls nothing of a plugin may run; why they do not stand is recorded where they are used.
  const walls = await context.walls.use(setup.walls).catch(() => null);
  if (walls === null) return new Set(due.map(({ plugin }) => plugin));
  try {
    return await runSetups({
      artifacts: due,
      delivery,
      layout,
      journal,
      secrets: credentials.secrets,
      path: setup.env['PATH'] ?? '',
      spawn: walls.box.spawn.bind(walls.box),
    });
  } finally {
    walls.release();
  }
}

/** A plugin whose setup failed is not configured at all: a server that is there and cannot work would be worse (B51). */
export function withoutPlugins(
  context: BoxContext,
  state: AppliedState,
  unready: ReadonlySet<string>,
  adapter: RuntimeSetup['adapter'],
  known: Detection,
): RuntimeSetup {
  const { desired } = state;
  const ready: AppliedState = {
    ...state,
    desired: { ...desired, servers: desired.servers.filter(({ plugin }) => !unready.has(plugin)) },
  };
  storeApplied(context.layout, ready);
  return setUpRuntime(context, ready, adapter, known);
}

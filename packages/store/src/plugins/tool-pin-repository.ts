import type { ToolSurface } from '@molecule/domain';
import type { Executor } from '../executor.ts';

export interface ToolPin {
  readonly server: string;
  readonly plugin: string;
  /** Artifact under which the tools were recorded. */
  readonly digest: string;
  readonly tools: ToolSurface;
  /** What the server offered last, when that differs. */
  readonly seen: ToolSurface | null;
  readonly state: 'pinned' | 'flagged' | 'held';
}

/** Also those of artifacts that the workspace no longer has. */
export async function listToolPins(db: Executor, workspaceId: string): Promise<readonly ToolPin[]> {
  return db
    .selectFrom('plugin_tool_pins')
    .select(['server', 'plugin', 'digest', 'tools', 'seen', 'state'])
    .where('workspace_id', '=', workspaceId)
    .orderBy('server')
    .execute();
}

/** Stores what is known of the tools of a server; the last word counts. What another artifact had offered of that name and nobody accepted waits no more. */
export async function storeToolPin(
  trx: Executor,
  workspaceId: string,
  pin: ToolPin,
  now: Date,
  acceptedBy: string | null = null,
): Promise<void> {
  const values = {
    tools: JSON.stringify(pin.tools),
    seen: pin.seen === null ? null : JSON.stringify(pin.seen),
    state: pin.state,
    accepted_by: acceptedBy,
    updated_at: now,
  };
  await trx
    .insertInto('plugin_tool_pins')
    .values({ workspace_id: workspaceId, server: pin.server, plugin: pin.plugin, digest: pin.digest, ...values })
    .onConflict((conflict) => conflict.columns(['workspace_id', 'server', 'plugin', 'digest']).doUpdateSet(values))
    .execute();
  await trx
    .updateTable('plugin_tool_pins')
    .set({ state: 'pinned', seen: null })
    .where('workspace_id', '=', workspaceId)
    .where('server', '=', pin.server)
    .where('state', '<>', 'pinned')
    .where((eb) => eb.or([eb('plugin', '<>', pin.plugin), eb('digest', '<>', pin.digest)]))
    .execute();
}

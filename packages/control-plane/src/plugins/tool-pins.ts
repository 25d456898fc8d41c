import { MoleculeError, type Proof } from '@molecule/contracts';
import { judgeSurface, type ToolSurface } from '@molecule/domain';
import {
  appendAudit,
  appendEvents,
  type Executor,
  listToolPins,
  raiseGeneration,
  storeToolPin,
  type WorkspaceRow,
} from '@molecule/store';
import { z } from 'zod';
import type { ToolPinPort } from '../kernel/services.ts';
import type { PluginSets } from './plugin-sets.ts';

const Surface = z.record(z.string().max(200), z.string().max(64));

/**
 * Tool lists as they were proved at install. What a server offers later under the same artifact must be the same: a difference is flagged, and a server on which
 * much rests is held until somebody accepts it, also when the artifact was taken away and installed again. A new artifact records anew, since its plan showed what changes. Our own server is not pinned: its tools come from
 * this very process.
 */
export class ToolPins implements ToolPinPort {
  readonly #sets: PluginSets;

  constructor(sets: PluginSets) {
    this.#sets = sets;
  }

  async observe(trx: Executor, row: WorkspaceRow, proofs: readonly Proof[], now: Date): Promise<void> {
    const seen = proofs.flatMap(({ server, rung, ok, evidence }) => {
      const surface = rung === 'live' && ok ? Surface.safeParse(evidence['surface']) : undefined;
      return surface?.success === true ? [{ server: server as string, tools: surface.data }] : [];
    });
    if (seen.length === 0) return;
    const { set, pins } = await this.#sets.read(trx, row);
    for (const { server, tools } of seen) {
      const owner = set.servers.find((each) => each.server.name === server);
      const plugin = set.plugins.find((each) => each.name === owner?.plugin);
      if (owner === undefined || plugin === undefined || plugin.origin === 'protected') continue;
      const { digest, manifest, privileged } = plugin.artifact;
      const pin = pins.get(server);
      if (pin === undefined) {
        await storeToolPin(
          trx,
          row.id,
          { server, plugin: plugin.name, digest, tools, seen: null, state: 'pinned' },
          now,
        );
        continue;
      }
      const verdict = judgeSurface(pin.tools, tools, {
        required: owner.server.required || manifest.required,
        privileged,
      });
      const isNews = verdict.state !== pin.state || (verdict.state !== 'pinned' && !sameSurface(pin.seen, tools));
      if (!isNews) continue;
      await storeToolPin(
        trx,
        row.id,
        { ...pin, seen: verdict.state === 'pinned' ? null : tools, state: verdict.state },
        now,
      );
      await this.#tell(
        trx,
        row,
        { plugin: plugin.name, server, tools: verdict.state, ...verdict.change },
        `box:${row.id}`,
        verdict.state === 'held' || pin.state === 'held',
      );
    }
  }

  /** Takes the changed tools of a server as the right ones. @throws MoleculeError `plugin_tools_not_held` */
  async accept(trx: Executor, row: WorkspaceRow, server: string, actor: string, now: Date): Promise<void> {
    const pin = (await listToolPins(trx, row.id)).find((each) => each.server === server && each.seen !== null);
    if (pin === undefined || pin.seen === null)
      throw new MoleculeError('plugin_tools_not_held', { params: { server } });
    await storeToolPin(trx, row.id, { ...pin, tools: pin.seen, seen: null, state: 'pinned' }, now, actor);
    await this.#tell(trx, row, { plugin: pin.plugin, server, tools: 'accepted' }, actor, true);
    await appendAudit(
      trx,
      {
        orgId: row.org_id,
        actor,
        action: 'plugin.tools_accepted',
        target: row.id,
        data: { plugin: pin.plugin, server },
      },
      now,
    );
  }

  async #tell(
    trx: Executor,
    row: WorkspaceRow,
    data: Readonly<Record<string, unknown>>,
    actor: string,
    isDesiredChanged: boolean,
  ): Promise<void> {
    const at = { orgId: row.org_id, workspaceId: row.id, actor };
    await appendEvents(trx, [{ ...at, type: 'plugin.changed', data }]);
    if (!isDesiredChanged) return;
    const generation = await raiseGeneration(trx, row.id);
    await appendEvents(trx, [{ ...at, type: 'workspace.updated', data: { generation, changed: 'plugins' } }]);
  }
}

function sameSurface(a: ToolSurface | null, b: ToolSurface): boolean {
  const names = Object.keys(b);
  return a !== null && Object.keys(a).length === names.length && names.every((name) => a[name] === b[name]);
}

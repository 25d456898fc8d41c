import { PlanRollout } from '@molecule/contracts';
import { type HeldInOrg, heldByOrg, type RolloutRow } from '@molecule/store';
import { every } from '../kernel/every.ts';
import type { Services } from '../kernel/services.ts';
import type { PluginSets } from './plugin-sets.ts';
import { PluginVersion } from './rollout-subjects.ts';
import type { Rollouts } from './rollouts.ts';

const PASS_INTERVAL_MS = 2_000;
/** So long a plan stands to be read before it starts by itself. */
export const NOTICE_MS = 10 * 60_000;

/**
 * Protected plugins that came in a new version with Molecule: while workspaces are held at an earlier one there is a plan for their org, which starts by itself after its
 * notice, or when a person starts it. One that was cancelled or taken back is not planned again for the same version: a person decides. Everything is in the database.
 */
export class RolloutUpgrades {
  readonly #services: Services;
  readonly #deps: { readonly rollouts: Rollouts; readonly sets: PluginSets };

  constructor(services: Services, deps: { readonly rollouts: Rollouts; readonly sets: PluginSets }) {
    this.#services = services;
    this.#deps = deps;
  }

  start(): () => Promise<void> {
    return every(PASS_INTERVAL_MS, this.#services, 'new versions of protected plugins', () => this.look());
  }

  async look(): Promise<void> {
    for (const held of await heldByOrg(this.#services.db)) await this.#settle(held);
  }

  async #settle({ orgId, name }: HeldInOrg): Promise<void> {
    const { db, clock } = this.#services;
    const { rollouts, sets } = this.#deps;
    const current = sets.currentDigest(name);
    if (current === null) return;
    const deed = { orgId, actor: 'system', workspaceId: null };
    const last = await db
      .selectFrom('rollouts')
      .selectAll()
      .where('org_id', '=', orgId)
      .where('subject', '=', 'plugin')
      .where('name', '=', name)
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirst();
    if (last?.state === 'canary' || last?.state === 'rest') return;
    if (last === undefined || targetOf(last) !== current) {
      const change = { subject: 'plugin', plugin: name, source: `builtin:${name}` };
      await rollouts.plan(PlanRollout.parse({ change }), deed);
    } else if (last.state === 'planned' && clock.now().getTime() - last.created_at.getTime() >= NOTICE_MS)
      await db.transaction().execute((trx) => rollouts.begin(trx, last.id, deed));
  }
}

function targetOf(rollout: RolloutRow): string | null {
  return PluginVersion.safeParse(rollout.plan['to']).data?.artifact ?? null;
}

import { MoleculeError, type PluginAllowlist, type SetPluginAllowlist } from '@molecule/contracts';
import { allowlistKey, isAllowed, pluginKeys } from '@molecule/domain';
import {
  type EntitlementRules,
  type Executor,
  listAllowlists,
  storeAllowlist,
  type WorkspaceRow,
  wantedPluginsOf,
} from '@molecule/store';
import { sql } from 'kysely';
import type { Services } from '../kernel/services.ts';

/** What an org permits: read, set, and what is there already against it. */
export class AllowlistService {
  readonly #services: Services;
  readonly #rules: EntitlementRules;

  constructor(services: Services, rules: EntitlementRules) {
    this.#services = services;
    this.#rules = rules;
  }

  async get(db: Executor, orgId: string): Promise<PluginAllowlist> {
    const lists = await listAllowlists(db, orgId);
    return {
      entries: lists.find((list) => list.workspaceId === null)?.entries.slice() ?? null,
      workspaces: lists.flatMap(({ workspaceId, entries }) =>
        workspaceId === null ? [] : [{ workspaceId, entries: [...entries] }],
      ),
      violations: lists.length === 0 ? [] : await this.#violations(db, orgId),
    };
  }

  async set(
    trx: Executor,
    orgId: string,
    workspace: WorkspaceRow | null,
    { entries, seen }: SetPluginAllowlist,
    actor: string,
  ): Promise<void> {
    if (seen !== undefined) {
      await sql`select pg_advisory_xact_lock(hashtextextended('molecule.allowlist.' || ${orgId}, 0))`.execute(trx);
      const lists = await listAllowlists(trx, orgId);
      const present =
        lists
          .find((list) => list.workspaceId === (workspace?.id ?? null))
          ?.entries.slice()
          .sort() ?? null;
      if (JSON.stringify(present) !== JSON.stringify(seen?.slice().sort() ?? null))
        throw new MoleculeError('edit_conflict', {
          params: { field: 'list', present: present === null ? 'none' : present.join(', ') || 'empty' },
        });
    }
    const keys =
      entries === null ? null : [...new Set(entries.map((entry) => allowlistKey(entry, this.#rules.hosts)))].sort();
    await storeAllowlist(
      trx,
      { orgId, workspaceId: workspace?.id ?? null, entries: keys, actor },
      this.#services.clock.now(),
    );
  }

  async #violations(db: Executor, orgId: string): Promise<PluginAllowlist['violations']> {
    const rows = await db
      .selectFrom('workspaces')
      .select(['id', 'parent_id'])
      .where('org_id', '=', orgId)
      .where('status', '<>', 'removed')
      .execute();
    const lists = new Map((await listAllowlists(db, orgId)).map((list) => [list.workspaceId, list.entries]));
    const parents = new Map(rows.map((row) => [row.id, row.parent_id]));
    const wanted = await wantedPluginsOf(
      db,
      rows.map((row) => row.id),
    );
    return rows.flatMap(({ id }) => {
      const line: (readonly string[])[] = [lists.get(null) ?? null].flatMap((list) => (list === null ? [] : [list]));
      for (
        let at: string | null = id, steps = 0;
        at !== null && steps <= rows.length;
        at = parents.get(at) ?? null, steps += 1
      ) {
        const list = lists.get(at);
        if (list !== undefined) line.push(list);
      }
      const { declared = [], installed = [] } = wanted.get(id) ?? {};
      return [...declared, ...installed]
        .filter(
          (plugin) =>
            !plugin.protected &&
            !isAllowed(
              pluginKeys({ source: plugin.source, digest: plugin.artifact?.digest ?? null }, this.#rules.hosts),
              line,
            ),
        )
        .map((plugin) => ({ workspaceId: id, plugin: plugin.name, source: plugin.source }));
    });
  }
}

import { sql } from 'kysely';
import type { Executor } from '../executor.ts';
import { artifactOf, type StoredArtifact } from './artifact-repository.ts';

export interface WantedPlugin {
  readonly name: string;
  readonly source: string;
  readonly resolved: string | null;
  readonly protected: boolean;
  readonly artifact: StoredArtifact | null;
  /** Why it has no artifact yet; null when it has one or was not tried. */
  readonly failure: Readonly<Record<string, unknown>> | null;
}

export interface WantedPlugins {
  readonly declared: readonly WantedPlugin[];
  readonly installed: readonly WantedPlugin[];
  /** Protected plugins that stay at an older version for now. */
  readonly held: readonly WantedPlugin[];
}

interface PluginRow {
  readonly workspace_id: string;
  readonly origin: 'declared' | 'installed' | 'held';
  readonly name: string;
  readonly source: string;
  readonly resolved: string | null;
  readonly protected: boolean;
  readonly artifact: string | null;
  readonly failure: Readonly<Record<string, unknown>> | null;
}

const NONE: WantedPlugins = { declared: [], installed: [], held: [] };

/**
 * Declared, installed and held plugins of many workspaces with their artifacts, in two queries whatever their number: manifests are read once for each artifact and not for
 * each row. A workspace without any is not in the map.
 */
export async function wantedPluginsOf(
  db: Executor,
  workspaceIds: readonly string[] | 'all',
): Promise<ReadonlyMap<string, WantedPlugins>> {
  const chosen = workspaceIds === 'all' ? sql`true` : sql`workspace_id = any(${[...workspaceIds]}::uuid[])`;
  const { rows } = await sql<PluginRow>`
    select workspace_id, 'declared' as origin, name, source, resolved, protected, artifact, fetch_failure as failure from workspace_declared_plugins where ${chosen}
    union all
    select workspace_id, 'installed', name, source, resolved, false, artifact, null from workspace_plugins where ${chosen}
    union all
    select workspace_id, 'held', name, 'builtin:' || name, null, true, artifact, null from held_plugins where ${chosen}
    order by name`.execute(db);
  const artifacts = await artifactsOf(
    db,
    rows.flatMap(({ artifact }) => (artifact === null ? [] : [artifact])),
  );
  const found = new Map<string, Record<PluginRow['origin'], WantedPlugin[]>>();
  for (const { workspace_id, origin, artifact, ...row } of rows) {
    const entry = found.get(workspace_id) ?? { declared: [], installed: [], held: [] };
    found.set(workspace_id, entry);
    entry[origin].push({ ...row, artifact: artifact === null ? null : (artifacts.get(artifact) ?? null) });
  }
  return found;
}

/** Declared, installed and held plugins of one workspace (B46). */
export async function wantedPlugins(db: Executor, workspaceId: string): Promise<WantedPlugins> {
  return (await wantedPluginsOf(db, [workspaceId])).get(workspaceId) ?? NONE;
}

async function artifactsOf(db: Executor, digests: readonly string[]): Promise<ReadonlyMap<string, StoredArtifact>> {
  const wanted = [...new Set(digests)];
  if (wanted.length === 0) return new Map();
  const rows = await db
    .selectFrom('artifacts')
    .select(['digest', 'manifest', 'privileged', 'size_bytes', 'file_count'])
    .where('digest', 'in', wanted)
    .execute();
  return new Map(
    rows.flatMap((row) => {
      const artifact = artifactOf(row);
      return artifact === null ? [] : [[artifact.digest, artifact] as const];
    }),
  );
}

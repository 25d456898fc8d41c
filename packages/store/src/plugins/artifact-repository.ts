import type { PluginManifest } from '@molecule/contracts';
import type { CatalogueEntry } from '@molecule/domain';
import type { Executor } from '../executor.ts';

export interface StoredArtifact {
  readonly digest: string;
  readonly manifest: PluginManifest;
  readonly privileged: boolean;
  readonly sizeBytes: number;
  readonly fileCount: number;
}

/** Records an artifact. The same digest again changes nothing, except that one which turns out to be privileged becomes so; the schema refuses that while an ordinary workspace has it. */
export async function insertArtifact(db: Executor, artifact: StoredArtifact): Promise<void> {
  await db
    .insertInto('artifacts')
    .values({
      digest: artifact.digest,
      name: artifact.manifest.name,
      version: artifact.manifest.version,
      manifest: JSON.stringify(artifact.manifest),
      privileged: artifact.privileged,
      size_bytes: artifact.sizeBytes,
      file_count: artifact.fileCount,
    })
    .onConflict((conflict) =>
      conflict
        .column('digest')
        .doUpdateSet({ privileged: true })
        .where('artifacts.privileged', '=', false)
        .where('excluded.privileged', '=', true),
    )
    .execute();
}

export async function findArtifact(db: Executor, digest: string): Promise<StoredArtifact | null> {
  const row = await db
    .selectFrom('artifacts')
    .select(['digest', 'manifest', 'privileged', 'size_bytes', 'file_count'])
    .where('digest', '=', digest)
    .executeTakeFirst();
  return row === undefined ? null : artifactOf(row);
}

/** The whole plugin catalogue; small, read once at start and after changes. */
export async function readCatalogue(db: Executor): Promise<readonly CatalogueEntry[]> {
  return db.selectFrom('plugin_catalog').select(['name', 'privileged', 'sources', 'digests']).execute();
}

export interface ArtifactColumns {
  readonly digest: string | null;
  readonly manifest: unknown;
  readonly privileged: boolean | null;
  readonly size_bytes: number | null;
  readonly file_count: number | null;
}

/** The artifact of a joined row; null where the join found none. */
export function artifactOf(row: ArtifactColumns): StoredArtifact | null {
  if (row.digest === null) return null;
  return {
    digest: row.digest,
    manifest: row.manifest as PluginManifest, // written by insertArtifact from the parsed type
    privileged: row.privileged ?? false,
    sizeBytes: row.size_bytes ?? 0,
    fileCount: row.file_count ?? 0,
  };
}

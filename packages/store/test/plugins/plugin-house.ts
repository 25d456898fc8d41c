import { newId, PluginManifest } from '@molecule/contracts';
import type { CatalogueEntry } from '@molecule/domain';
import { testDatabase } from '@molecule/testkit/database';
import type { KyselyPlugin } from 'kysely';
import { type Executor, insertArtifact, insertWorkspace } from '../../src/index.ts';

export const NOW = new Date('2026-03-01T12:00:00Z');
export const PRIVILEGED_DIGEST = `sha256:${'a'.repeat(64)}`;
export const ORDINARY_DIGEST = `sha256:${'b'.repeat(64)}`;
export const CATALOGUE: readonly CatalogueEntry[] = [
  {
    name: 'molecule-platform-mcp',
    privileged: true,
    sources: ['builtin:molecule-platform-mcp', 'github:house/platform-tools'],
    digests: [PRIVILEGED_DIGEST],
  },
];

export interface House {
  readonly db: Executor;
  readonly orgId: string;
  readonly concierge: string;
  readonly workspace: string;
  /** Child of `workspace`. */
  readonly child: string;
}

export function manifestOf(name: string): PluginManifest {
  return PluginManifest.parse({
    name,
    version: '1.0.0',
    title: name,
    description: '',
    entitlement: 'ordinary',
    required: false,
    servers: [],
    skills: [],
    instructions: [],
    setup: null,
    runtimes: [],
  });
}

/** An org with a concierge, a workspace and its child, and two artifacts. */
export async function pluginHouse(): Promise<House> {
  const { db } = await testDatabase();
  const orgId = newId();
  await db.kysely.insertInto('orgs').values({ id: orgId, name: 'org' }).execute();
  const base = { orgId, runtime: 'molecule-agent', template: null, role: null, model: null, createdBy: 'test' };
  const [concierge, workspace, child] = [newId(), newId(), newId()];
  await insertWorkspace(db.kysely, { ...base, id: concierge, name: 'Concierge', kind: 'platform', parentId: null });
  await insertWorkspace(db.kysely, { ...base, id: workspace, name: 'one', kind: 'workspace', parentId: concierge });
  await insertWorkspace(db.kysely, { ...base, id: child, name: 'two', kind: 'workspace', parentId: workspace });
  await insertArtifact(db.kysely, {
    digest: PRIVILEGED_DIGEST,
    manifest: manifestOf('molecule-platform-mcp'),
    privileged: true,
    sizeBytes: 1,
    fileCount: 1,
  });
  await insertArtifact(db.kysely, {
    digest: ORDINARY_DIGEST,
    manifest: manifestOf('tool'),
    privileged: false,
    sizeBytes: 1,
    fileCount: 1,
  });
  return { db: db.kysely, orgId, concierge, workspace, child };
}

/** The same database, with every statement noted: verb and first table. */
export function noting(db: Executor): { readonly db: Executor; readonly statements: string[] } {
  const statements: string[] = [];
  const plugin: KyselyPlugin = {
    transformQuery: ({ node, queryId }) => {
      const text = db.getExecutor().compileQuery(node, queryId).sql.replaceAll('"', '').replace(/\s+/g, ' ').trim();
      statements.push(
        /^select/i.test(text)
          ? `select ${/ from (\w+)/.exec(text)?.[1] ?? text}`
          : (/^(\w+ \w+ \w+)/.exec(text)?.[1] ?? text),
      );
      return node;
    },
    transformResult: async ({ result }) => result,
  };
  return { db: db.withPlugin(plugin), statements };
}

export async function rowCounts(db: Executor): Promise<Record<string, number>> {
  const count = async (
    table: 'workspace_declared_plugins' | 'workspace_plugins' | 'audit' | 'events',
  ): Promise<number> =>
    Number(
      (
        await db
          .selectFrom(table)
          .select((eb) => eb.fn.countAll<number>().as('n'))
          .executeTakeFirstOrThrow()
      ).n,
    );
  return {
    declared: await count('workspace_declared_plugins'),
    installed: await count('workspace_plugins'),
    audit: await count('audit'),
    events: await count('events'),
  };
}

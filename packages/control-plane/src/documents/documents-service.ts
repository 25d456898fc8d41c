import {
  type ImportedWorkspace,
  isMoleculeError,
  MoleculeError,
  type OrgDocument,
  type WorkspaceDocument,
} from '@molecule/contracts';
import type { ResolvedPlugin } from '@molecule/plugins';
import { appendEvents, type Executor, findWorkspace, listWorkspaces, type WorkspaceRow } from '@molecule/store';
import type { Services } from '../kernel/services.ts';
import type { PluginLocks } from '../plugins/plugin-locks.ts';
import type { PluginDeed } from '../plugins/plugins-service.ts';
import type { TemplateCatalogue } from '../templates/template-catalogue.ts';
import type { WorkspacesService } from '../workspaces/workspaces-service.ts';
import { inOrder } from './document-order.ts';

export interface DocumentsDeps {
  readonly workspaces: WorkspacesService;
  readonly locks: PluginLocks;
  readonly templates: TemplateCatalogue;
}

const ROWS_AT_ONCE = 500;
const BUILTIN = 'builtin:';

/**
 * Workspaces as files, both ways. What a file asks for goes the way of every other request: the same function creates the workspace, declares its plugins and
 * installs what it locks (B21, B30). All of a document is made in one transaction, or nothing of it.
 */
export class DocumentsService {
  readonly #services: Services;
  readonly #deps: DocumentsDeps;

  constructor(services: Services, deps: DocumentsDeps) {
    this.#services = services;
    this.#deps = deps;
  }

  /**
   * @throws MoleculeError `document_invalid`, `parent_not_found`, `workspace_name_taken`, `plugin_not_entitled`, `plugin_lock_mismatch` and those of creating a workspace and
   * fetching a plugin: then there is no row of any of it
   */
  async import(documents: readonly WorkspaceDocument[], deed: PluginDeed): Promise<readonly ImportedWorkspace[]> {
    const ordered = inOrder(documents);
    try {
      const locked = new Map<WorkspaceDocument, readonly ResolvedPlugin[]>();
      for (const document of ordered)
        if (document.lock !== undefined)
          locked.set(document, await this.#deps.locks.resolve({ kind: 'workspace' }, document.lock, deed));
      return await this.#services.db.transaction().execute((trx) => this.#make(trx, ordered, locked, deed));
    } catch (error) {
      // What was tried and refused belongs into the history, although it left no row.
      if (isMoleculeError(error, 'plugin_not_entitled') || isMoleculeError(error, 'plugin_not_allowed'))
        await appendEvents(this.#services.db, [
          {
            orgId: deed.orgId,
            workspaceId: null,
            type: 'plugin.refused',
            actor: deed.actor,
            data: { name: String(error.params['plugin'] ?? ''), code: error.code, message: error.message },
          },
        ]);
      throw error;
    }
  }

  async #make(
    trx: Executor,
    ordered: readonly WorkspaceDocument[],
    locked: ReadonlyMap<WorkspaceDocument, readonly ResolvedPlugin[]>,
    deed: PluginDeed,
  ): Promise<readonly ImportedWorkspace[]> {
    const { workspaces, locks } = this.#deps;
    const made: ImportedWorkspace[] = [];
    for (const document of ordered) {
      const { parent, lock: _lock, ...rest } = document;
      const row = await workspaces.create(
        trx,
        { ...rest, ...(parent === undefined ? {} : { parentId: await this.#parent(trx, deed.orgId, parent) }) },
        deed,
      );
      await locks.install(trx, row, locked.get(document) ?? [], deed);
      const now = (await findWorkspace(trx, deed.orgId, row.id)) ?? row;
      made.push({ workspace: await workspaces.toPublic(trx, now), refused: await refusedOf(trx, row.id) });
    }
    return made;
  }

  async #parent(trx: Executor, orgId: string, ref: string) {
    const row = await this.#deps.workspaces.find(trx, orgId, ref).catch((error: unknown) => {
      if (isMoleculeError(error, 'workspace_not_found'))
        throw new MoleculeError('parent_not_found', { params: { parent: ref } });
      throw error;
    });
    return (await this.#deps.workspaces.toPublic(trx, row)).id;
  }

  /** All of it can be read again by `import`: names for parents, exact plugins, and what comes with Molecule by its name. */
  async exportOrg(orgId: string): Promise<OrgDocument> {
    const rows: WorkspaceRow[] = [];
    for (let after: string | undefined; ; ) {
      const page = await listWorkspaces(this.#services.db, {
        orgId,
        limit: ROWS_AT_ONCE,
        kind: 'workspace',
        ...(after === undefined ? {} : { after }),
      });
      rows.push(...page);
      after = page.at(-1)?.id;
      if (page.length < ROWS_AT_ONCE) break;
    }
    const workspaces: WorkspaceDocument[] = [];
    for (const row of rows) workspaces.push(await this.export(row));
    return { version: 1, workspaces };
  }

  async export(row: WorkspaceRow): Promise<WorkspaceDocument> {
    const { db } = this.#services;
    const parent = row.parent_id === null ? undefined : await findWorkspace(db, row.org_id, row.parent_id);
    const lock = await this.#deps.locks.export(db, row);
    const ofTemplate = row.template === null ? [] : this.#deps.templates.get(row.template).plugins;
    const isOfTemplate = (source: string): boolean => ofTemplate.some((plugin) => plugin.source === source);
    // What comes with Molecule is not locked: another version of it brings its own.
    const plugins = lock.plugins.map(({ source }) => source).filter((source) => source.startsWith(BUILTIN));
    const exact = lock.plugins.filter(({ source }) => !source.startsWith(BUILTIN));
    const asked = plugins.filter((source) => !isOfTemplate(source));
    return {
      name: (await this.#deps.workspaces.toPublic(db, row)).name,
      ...(row.template === null ? {} : { template: row.template }),
      runtime: row.runtime,
      ...(row.model === null ? {} : { model: row.model }),
      ...(parent === undefined || parent.kind === 'platform' ? {} : { parent: parent.name }),
      ...(row.role === null ? {} : { role: row.role }),
      ...(asked.length === 0 ? {} : { plugins: asked }),
      ...(exact.length === 0 ? {} : { lock: { version: 1, plugins: exact } }),
    };
  }
}

async function refusedOf(trx: Executor, workspaceId: string): Promise<ImportedWorkspace['refused']> {
  const rows = await trx
    .selectFrom('events')
    .select('data')
    .where('workspace_id', '=', workspaceId)
    .where('type', '=', 'plugin.refused')
    .orderBy('id')
    .execute();
  return rows.map(({ data }) => ({
    source: String(data['source']),
    code: String(data['code']),
    message: String(data['message']),
  }));
}

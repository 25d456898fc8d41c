import { MoleculeError } from '@molecule/contracts';
import { type Executor, findWorkspace, type StoredEvent } from '@molecule/store';
import { ownWorkspace } from '../kernel/access.ts';
import type { Principal } from '../kernel/principal.ts';
import type { Planned } from '../models/call-plan.ts';
import { type ModelsService, subjectOf } from '../models/models-service.ts';

const TTL_MS = 3_000;
const MOST = 20_000;
/** After these a plan may be another. */
const TOUCHING: ReadonlySet<string> = new Set([
  'secret.changed',
  'model.changed',
  'workspace.updated',
  'workspace.removed',
]);

/** Plans of workspaces that call just now: at most 3 s old, and forgotten when an event says that something changed. */
export class PlanCache {
  readonly #db: Executor;
  readonly #models: ModelsService;
  readonly #plans = new Map<string, { readonly planned: Promise<Planned>; readonly until: number }>();

  constructor(db: Executor, models: ModelsService) {
    this.#db = db;
    this.#models = models;
  }

  of(principal: Principal): Promise<Planned> {
    const { workspaceId } = ownWorkspace(principal);
    const known = this.#plans.get(workspaceId);
    if (known !== undefined && known.until > performance.now()) return known.planned;
    if (this.#plans.size >= MOST) this.#plans.clear();
    const planned = this.#make(principal.orgId, workspaceId);
    this.#plans.set(workspaceId, { planned, until: performance.now() + TTL_MS });
    planned.catch(() => this.#plans.delete(workspaceId));
    return planned;
  }

  heard(events: readonly StoredEvent[]): void {
    for (const event of events) {
      if (!TOUCHING.has(event.type)) continue;
      if (event.workspaceId === null) this.#plans.clear();
      else this.#plans.delete(event.workspaceId);
    }
  }

  clear(): void {
    this.#plans.clear();
  }

  async #make(orgId: string, workspaceId: string): Promise<Planned> {
    const row = await findWorkspace(this.#db, orgId, workspaceId);
    if (row === undefined) throw new MoleculeError('workspace_not_found', { params: { workspace: workspaceId } });
    return this.#models.plan(this.#db, subjectOf(row));
  }
}

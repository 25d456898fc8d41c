import { MoleculeError } from '@molecule/contracts';
import { type Executor, findWorkspace, type StoredEvent } from '@molecule/store';
import { ownWorkspace } from '../kernel/access.ts';
import type { Principal } from '../kernel/principal.ts';
import type { Planned } from '../models/call-plan.ts';
import { type ModelsService, subjectOf } from '../models/models-service.ts';
import { BelievedAnswers } from './believed-answers.ts';

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
  readonly #plans: BelievedAnswers<Planned>;

  constructor(db: Executor, models: ModelsService) {
    this.#plans = new BelievedAnswers((key) => makePlan(db, models, key), TTL_MS, MOST);
  }

  of(principal: Principal): Promise<Planned> {
    return this.#plans.of(keyOf(principal.orgId, ownWorkspace(principal).workspaceId));
  }

  heard(events: readonly StoredEvent[]): void {
    for (const event of events) {
      if (!TOUCHING.has(event.type)) continue;
      if (event.workspaceId === null) this.#plans.forgetAll();
      else this.#plans.forget(keyOf(event.orgId, event.workspaceId));
    }
  }

  clear(): void {
    this.#plans.forgetAll();
  }
}

async function makePlan(db: Executor, models: ModelsService, key: string): Promise<Planned> {
  const [orgId = '', workspaceId = ''] = key.split(' ');
  const row = await findWorkspace(db, orgId, workspaceId);
  if (row === undefined) throw new MoleculeError('workspace_not_found', { params: { workspace: workspaceId } });
  return models.plan(db, subjectOf(row));
}

function keyOf(orgId: string, workspaceId: string): string {
  return `${orgId} ${workspaceId}`;
}

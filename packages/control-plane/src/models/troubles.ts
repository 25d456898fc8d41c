import {
  appendEvents,
  dueTroubles,
  endTrouble,
  findWorkspace,
  type ModelTroubleRow,
  noteTrouble,
} from '@molecule/store';
import type { UpstreamAgents } from '../gateway/upstream-agents.ts';
import type { Services } from '../kernel/services.ts';
import { reassess } from '../readiness/reassess.ts';
import { type CallPlan, keyOwner } from './call-plan.ts';
import type { ModelsService } from './models-service.ts';
import { preflight } from './preflight.ts';

/** First look after a refusal; the pause doubles up to 32 times as long. */
const FIRST_LOOK_MS = 10_000;
const LOOKED_AT_ONCE = 20;
const JUDGED_AT_MOST = 500;

/**
 * Providers that refuse the access itself: a key that has expired, a quota that has ended. Noted at the first refused call, so that the workspaces concerned say so
 * at once (responsiveness), and tried again with the smallest real call until it works: then they are ready again by themselves. Rows; any replica may look.
 */
export class ModelTroubles {
  readonly #services: Services;
  readonly #models: ModelsService;
  readonly #agents: UpstreamAgents;
  /** Refusals being written: a hundred refused calls at once are one trouble. */
  readonly #writing = new Set<string>();

  constructor(services: Services, models: ModelsService, agents: UpstreamAgents) {
    this.#services = services;
    this.#models = models;
    this.#agents = agents;
  }

  /** A provider refused. Returns at once. */
  refused(plan: CallPlan, reason: string, message: string): void {
    const key = keyOf(plan);
    if (this.#writing.has(key)) return;
    this.#writing.add(key);
    void this.#note(plan, reason, message)
      .catch((error: unknown) =>
        this.#services.log.warn({ err: error, provider: plan.vendor.id }, 'a refusal of a provider could not be noted'),
      )
      .finally(() => this.#writing.delete(key));
  }

  /** Looks again at those that are due. @returns how many are well again */
  async lookAgain(): Promise<number> {
    const now = this.#services.clock.now();
    const due = await dueTroubles(this.#services.db, now, new Date(now.getTime() + FIRST_LOOK_MS), LOOKED_AT_ONCE);
    const ended = await Promise.all(due.map((row) => this.#look(row)));
    return ended.filter(Boolean).length;
  }

  /** Key, model or registry changed: whatever was wrong is looked at anew at once. */
  async changed(orgId: string): Promise<void> {
    await this.#services.db
      .updateTable('model_troubles')
      .set({ next_check_at: this.#services.clock.now(), checks: 0 })
      .where('org_id', '=', orgId)
      .execute();
    await this.lookAgain();
  }

  async #note(plan: CallPlan, reason: string, message: string): Promise<void> {
    const now = this.#services.clock.now();
    const workspaceId = keyOwner(plan);
    const trouble = {
      orgId: plan.orgId,
      workspaceId,
      provider: plan.vendor.id,
      model: plan.modelId,
      reason,
      message,
      nextCheckAt: new Date(now.getTime() + FIRST_LOOK_MS),
    };
    const isNews = await this.#services.db.transaction().execute(async (trx) => {
      if (!(await noteTrouble(trx, trouble, now))) return false;
      await appendEvents(trx, [
        {
          orgId: plan.orgId,
          workspaceId,
          type: 'model.trouble',
          actor: 'system',
          data: { provider: plan.vendor.id, model: plan.modelId, reason },
        },
      ]);
      return true;
    });
    if (!isNews) return;
    this.#services.log.warn(
      { orgId: plan.orgId, workspaceId, provider: plan.vendor.id, reason },
      'a provider refuses the access',
    );
    await this.#judge(plan.orgId, workspaceId);
  }

  async #look(row: ModelTroubleRow): Promise<boolean> {
    const workspace =
      row.workspace_id === null ? undefined : await findWorkspace(this.#services.db, row.org_id, row.workspace_id);
    const model = workspace?.model ?? `${row.provider}/${row.model}`;
    const planned = await this.#models.plan(
      this.#services.db,
      { orgId: row.org_id, workspaceId: row.workspace_id, model },
      { pin: row.provider },
    );
    if (planned.kind === 'plan' && !(await preflight(planned.plan, this.#agents, this.#services.stopping)).ok)
      return false;
    // Without a plan there is no key any more, and that says itself.
    const ended = await this.#services.db.transaction().execute(async (trx) => {
      if (!(await endTrouble(trx, row.org_id, row.workspace_id, row.provider))) return false;
      await appendEvents(trx, [
        {
          orgId: row.org_id,
          workspaceId: row.workspace_id,
          type: 'model.recovered',
          actor: 'system',
          data: { provider: row.provider, model: row.model },
        },
      ]);
      return true;
    });
    if (ended) await this.#judge(row.org_id, row.workspace_id);
    return ended;
  }

  /** Those whom it may concern are judged anew at once, one transaction each. */
  async #judge(orgId: string, workspaceId: string | null): Promise<void> {
    const rows = await this.#services.db
      .selectFrom('workspaces')
      .select('id')
      .where('org_id', '=', orgId)
      .where('boot_id', 'is not', null)
      .where('status', 'in', ['online', 'degraded', 'booting'])
      .$if(workspaceId !== null, (query) => query.where('id', '=', workspaceId ?? ''))
      .limit(JUDGED_AT_MOST)
      .execute();
    for (const { id } of rows)
      await this.#services.db.transaction().execute((trx) => reassess(this.#services, trx, id, 'system'));
  }
}

function keyOf(plan: CallPlan): string {
  return `${plan.orgId} ${keyOwner(plan) ?? ''} ${plan.vendor.id}`;
}

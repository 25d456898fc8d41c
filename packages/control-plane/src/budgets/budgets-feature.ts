import { Budget, MoleculeError, PageQuery, pageOf, SetBudget } from '@molecule/contracts';
import { fromBudgetUnits, toBudgetUnits } from '@molecule/domain';
import {
  appendAudit,
  appendEvents,
  type BudgetState,
  deleteBudget,
  type Executor,
  findTask,
  findWorkspace,
  listBudgets,
  storeBudget,
} from '@molecule/store';
import { z } from 'zod';
import type { CallLedger } from '../gateway/call-ledger.ts';
import { principalOf } from '../kernel/access.ts';
import type { App } from '../kernel/app.ts';
import type { Services } from '../kernel/services.ts';

const Params = z.object({ id: z.uuid() });

export interface BudgetDeed {
  readonly orgId: string;
  readonly actor: string;
}

/** Sets, shows and removes budgets; the same for routes and tools. */
export class BudgetsService {
  readonly #services: Services;
  readonly #ledger: CallLedger;

  constructor(services: Services, ledger: CallLedger) {
    this.#services = services;
    this.#ledger = ledger;
    services.events.subscribe((events) => {
      for (const event of events) if (event.type === 'budget.changed') ledger.forgetUnits(event.orgId);
    });
  }

  async list(orgId: string): Promise<Budget[]> {
    await this.#ledger.flushed();
    return (await listBudgets(this.#services.db, orgId, this.#services.clock.now())).map(publicBudget);
  }

  /** In force for every call and turn that begins after it returns. @throws MoleculeError `budget_scope_unknown` */
  async set(input: z.output<typeof SetBudget>, deed: BudgetDeed): Promise<Budget> {
    const now = this.#services.clock.now();
    const { unit, period, mode } = input;
    const limitUnits = toBudgetUnits(unit, input.limit);
    const refuse = (detail: string): never => {
      throw new MoleculeError('invalid_request', { params: { detail: `body/limit: ${detail}` } });
    };
    if (!Number.isSafeInteger(limitUnits)) refuse('the limit is too large');
    // Half a turn would be rounded to none, and refuse everything.
    if (limitUnits === 0 && input.limit > 0) refuse(`the limit is less than the smallest amount of ${unit}`);
    const scope = { kind: input.scope.kind, id: input.scope.id ?? (input.scope.kind === 'org' ? deed.orgId : '') };
    const row = await this.#services.db.transaction().execute(async (trx) => {
      await checkScope(trx, deed.orgId, scope);
      const stored = await storeBudget(
        trx,
        { orgId: deed.orgId, scopeKind: scope.kind, scopeId: scope.id, unit, period, mode },
        limitUnits,
        deed.actor,
        now,
      );
      await this.#tell(trx, deed, 'budget.set', stored.id, { ...input });
      return stored;
    });
    this.#ledger.forgetUnits(deed.orgId);
    const [state] = await listBudgets(this.#services.db, deed.orgId, now, row.id);
    if (state === undefined) throw new MoleculeError('budget_not_found', { params: { budget: row.id } });
    return publicBudget(state);
  }

  /** @throws MoleculeError `budget_not_found` */
  async remove(id: string, deed: BudgetDeed): Promise<void> {
    await this.#services.db.transaction().execute(async (trx) => {
      const gone = await deleteBudget(trx, deed.orgId, id);
      if (gone === undefined) throw new MoleculeError('budget_not_found', { params: { budget: id } });
      await this.#tell(trx, deed, 'budget.remove', id, {
        unit: gone.unit,
        period: gone.period,
        scope: gone.scope_kind,
      });
    });
    this.#ledger.forgetUnits(deed.orgId);
  }

  async #tell(
    trx: Executor,
    deed: BudgetDeed,
    action: string,
    id: string,
    data: Record<string, unknown>,
  ): Promise<void> {
    await appendEvents(trx, [
      { orgId: deed.orgId, type: 'budget.changed', actor: deed.actor, data: { budgetId: id, ...data } },
    ]);
    await appendAudit(
      trx,
      { orgId: deed.orgId, actor: deed.actor, action, target: id, data },
      this.#services.clock.now(),
    );
  }
}

/** `/api/v1/budgets`. */
export function budgetsFeature(app: App, budgets: BudgetsService): void {
  app.route({
    method: 'GET',
    url: '/api/v1/budgets',
    config: { access: { scope: 'budgets:read' } },
    schema: { querystring: PageQuery, response: { 200: pageOf(Budget) } },
    handler: async (request) => {
      const { limit, cursor } = request.query;
      const all = await budgets.list(principalOf(request).orgId);
      const rest = cursor === undefined ? all : all.filter((each) => each.id > cursor);
      const items = rest.slice(0, limit);
      return { items, nextCursor: rest.length > limit ? (items.at(-1)?.id ?? null) : null };
    },
  });
  for (const method of ['POST', 'PUT'] as const) {
    app.route({
      method,
      url: '/api/v1/budgets',
      config: { access: { scope: 'budgets:write' } },
      schema: { body: SetBudget, response: { 200: Budget } },
      handler: (request) => budgets.set(request.body, principalOf(request)),
    });
  }
  app.route({
    method: 'DELETE',
    url: '/api/v1/budgets/:id',
    config: { access: { scope: 'budgets:write' } },
    schema: { params: Params, response: { 204: z.undefined() } },
    handler: async (request, reply) => {
      await budgets.remove(request.params.id, principalOf(request));
      return reply.code(204).send();
    },
  });
}

async function checkScope(trx: Executor, orgId: string, scope: Budget['scope']): Promise<void> {
  const there =
    scope.id !== '' &&
    (scope.kind === 'org'
      ? scope.id === orgId
      : scope.kind === 'task'
        ? (await findTask(trx, orgId, scope.id)) !== undefined
        : (await findWorkspace(trx, orgId, scope.id)) !== undefined);
  if (!there)
    throw new MoleculeError('budget_scope_unknown', {
      params: { kind: scope.kind === 'subtree' ? 'workspace' : scope.kind, id: scope.id },
    });
}

function publicBudget(row: BudgetState): Budget {
  return {
    id: row.id,
    scope: { kind: row.scope_kind, id: row.scope_id },
    unit: row.unit,
    limit: fromBudgetUnits(row.unit, row.limit_units),
    period: row.period,
    mode: row.mode,
    spent: fromBudgetUnits(row.unit, row.spent),
    reserved: fromBudgetUnits(row.unit, row.reserved),
    periodStart: row.period_start.toISOString(),
    warnedAt: row.warned_at?.toISOString() ?? null,
    createdBy: row.created_by,
    createdAt: row.created_at.toISOString(),
  };
}

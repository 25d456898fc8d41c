import type { InboxItem } from '@molecule/contracts';
import { fromBudgetUnits, surfaceChange } from '@molecule/domain';
import { type Executor, listBudgets } from '@molecule/store';
import { sql } from 'kysely';

/** Servers whose tools are not those that were accepted. */
export async function heldTools(db: Executor, orgId: string): Promise<readonly InboxItem[]> {
  const rows = await db
    .selectFrom('plugin_tool_pins as pin')
    .innerJoin('workspaces as w', 'w.id', 'pin.workspace_id')
    .select([
      'pin.workspace_id',
      'pin.server',
      'pin.plugin',
      'pin.state',
      'pin.tools',
      'pin.seen',
      'pin.updated_at',
      'w.name',
    ])
    .where('w.org_id', '=', orgId)
    .where('w.status', '<>', 'removed')
    .where('pin.state', '<>', 'pinned')
    .execute();
  return rows.map((row) => {
    const held = row.state === 'held';
    const change = row.seen === null ? null : surfaceChange(row.tools, row.seen);
    return {
      id: `tools:${row.workspace_id}:${row.server}`,
      kind: held ? 'tools_held' : 'tools_flagged',
      blocks: held,
      workspaceId: row.workspace_id as InboxItem['workspaceId'], // uuid column
      subject: row.server,
      message: `The server ${row.server} of the plugin ${row.plugin} offers other tools than were accepted${change === null ? '' : `: ${inWords(change)}`}.`,
      nextStep: held
        ? 'Accept them, or uninstall the plugin. The agent does not get the server until then.'
        : 'Look at the tools and accept them.',
      since: row.updated_at.toISOString(),
    };
  });
}

/** Plans for other versions of plugins that nobody has applied. */
export async function plannedUpdates(db: Executor, orgId: string): Promise<readonly InboxItem[]> {
  const rows = await db
    .selectFrom('plugin_changes as change')
    .innerJoin('workspaces as w', 'w.id', 'change.workspace_id')
    .select(['change.id', 'change.workspace_id', 'change.plugin', 'change.to_resolved', 'change.created_at'])
    .where('change.org_id', '=', orgId)
    .where('w.status', '<>', 'removed')
    .where('change.state', '=', 'planned')
    .orderBy('change.id', 'desc')
    .limit(200)
    .execute();
  return rows.map((row) => ({
    id: `update:${row.id}`,
    kind: 'update_planned',
    blocks: false,
    workspaceId: row.workspace_id as InboxItem['workspaceId'], // uuid column
    subject: row.plugin,
    message: `A plan for the plugin ${row.plugin} waits: ${row.to_resolved}.`,
    nextStep: 'Read what it changes, then apply it or leave it.',
    since: row.created_at.toISOString(),
  }));
}

/** Entries of ours that somebody keeps changing in the present box: they are left alone until its next boot. */
export async function contestedDrift(db: Executor, orgId: string): Promise<readonly InboxItem[]> {
  const { rows } = await sql<{ readonly workspace_id: string; readonly message: string; readonly at: Date }>`
    select distinct on (b.workspace_id) b.workspace_id, b.message, b.at
    from workspaces w join boot_events b on b.workspace_id = w.id and b.boot_id = w.boot_id
    where w.org_id = ${orgId} and w.status <> 'removed' and b.step = 'drift.contested'
    order by b.workspace_id, b.seq desc`.execute(db);
  return rows.map((row) => ({
    id: `drift:${row.workspace_id}`,
    kind: 'drift_contested',
    blocks: false,
    workspaceId: row.workspace_id as InboxItem['workspaceId'], // uuid column
    subject: 'configuration',
    message: row.message,
    nextStep: 'Find out who changes the file, then restart the workspace.',
    since: row.at.toISOString(),
  }));
}

/** Hard limits that refuse work now. */
export async function exhaustedBudgets(db: Executor, orgId: string, now: Date): Promise<readonly InboxItem[]> {
  const budgets = await listBudgets(db, orgId, now);
  return budgets
    .filter((budget) => budget.mode === 'hard' && budget.spent >= budget.limit_units)
    .map((budget) => {
      const limit = `${fromBudgetUnits(budget.unit, budget.limit_units)} ${budget.unit}`;
      const ofOne = budget.scope_kind === 'workspace' || budget.scope_kind === 'subtree';
      return {
        id: `budget:${budget.id}`,
        kind: 'budget_exhausted',
        blocks: true,
        workspaceId: (ofOne ? budget.scope_id : null) as InboxItem['workspaceId'], // uuid of the scope
        subject: budget.id,
        message: `The limit of ${limit} ${budget.period === 'total' ? 'in total' : `per ${budget.period}`} is used up.`,
        nextStep:
          budget.period === 'total'
            ? 'Raise the limit, or leave it: what it covers gets no turns.'
            : `Raise the limit, or wait for the next ${budget.period}.`,
        since: budget.warned_at?.toISOString() ?? null,
      };
    });
}

function inWords({ added, removed, changed }: NonNullable<ReturnType<typeof surfaceChange>>): string {
  return (
    [
      ['added', added],
      ['gone', removed],
      ['changed', changed],
    ] as const
  )
    .filter(([, names]) => names.length > 0)
    .map(([what, names]) => `${names.join(', ')} ${what}`)
    .join('; ');
}

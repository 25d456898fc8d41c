import { newId } from '@molecule/contracts';
import {
  appendAudit,
  appendEvents,
  bumpGeneration,
  type Executor,
  findConcierge,
  insertWorkspace,
  requestBoot,
  type WorkspaceRow,
} from '@molecule/store';
import { type OrgSettings, writeOrgSettings } from '../workspaces/org-settings.ts';
import type { WorkspacesService } from '../workspaces/workspaces-service.ts';

export interface OrgPlan {
  readonly name: string;
  readonly conciergeName: string;
  readonly settings: OrgSettings;
  /** The runtime of the settings was asked for just now: a concierge that is there moves to it. Else it keeps the one that somebody gave it. */
  readonly movesConcierge?: boolean;
  /** False = `--no-concierge`. */
  readonly concierge: boolean;
  readonly now: Date;
}

export interface Org {
  readonly orgId: string;
  readonly ownerId: string;
  readonly concierge: WorkspaceRow | null;
  /** True when this call made the org. */
  readonly created: boolean;
}

const ACTOR = 'system';

/**
 * Makes the org with its owner and concierge on the first start, and finds them on every later one. One transaction: a crash leaves all or
 * nothing. The concierge's declarations are renewed each time, so that what a new version declares reaches an old concierge (B33, T50).
 */
export async function ensureOrg(trx: Executor, workspaces: WorkspacesService, plan: OrgPlan): Promise<Org> {
  const found = await trx.selectFrom('orgs').select('id').orderBy('id').limit(1).executeTakeFirst();
  const orgId = found?.id ?? newId();
  if (found === undefined) {
    await trx.insertInto('orgs').values({ id: orgId, name: plan.name }).execute();
    await appendAudit(
      trx,
      { orgId, actor: ACTOR, action: 'org.create', target: orgId, data: { name: plan.name } },
      plan.now,
    );
  }
  await writeOrgSettings(trx, orgId, plan.settings, plan.now);
  const owner = await trx
    .selectFrom('users')
    .select('id')
    .where('org_id', '=', orgId)
    .where('role', '=', 'owner')
    .orderBy('id')
    .limit(1)
    .executeTakeFirst();
  const ownerId = owner?.id ?? newId();
  if (owner === undefined)
    await trx.insertInto('users').values({ id: ownerId, org_id: orgId, name: 'Owner', role: 'owner' }).execute();
  const concierge = plan.concierge
    ? await ensureConcierge(trx, workspaces, orgId, plan)
    : ((await findConcierge(trx, orgId)) ?? null);
  return { orgId, ownerId, concierge, created: found === undefined };
}

async function ensureConcierge(
  trx: Executor,
  workspaces: WorkspacesService,
  orgId: string,
  plan: OrgPlan,
): Promise<WorkspaceRow> {
  const deed = { orgId, actor: ACTOR, workspaceId: null };
  const found = await findConcierge(trx, orgId);
  if (found !== undefined) {
    await workspaces.declareTemplatePlugins(trx, found, deed);
    if (plan.movesConcierge === true && found.runtime !== plan.settings.runtime) {
      const { runtime } = plan.settings;
      await trx.updateTable('workspaces').set({ runtime }).where('id', '=', found.id).execute();
      // A box host that outlived its control plane has a box of the old one.
      const message = `The runtime changes to ${runtime}.`;
      await requestBoot(trx, found.id, 'restart', { reason: 'runtime_switched', message, actor: ACTOR, now: plan.now });
    }
    await bumpGeneration(trx, found.id);
    return found;
  }
  const row = await insertWorkspace(trx, {
    id: newId(),
    orgId,
    name: plan.conciergeName,
    kind: 'platform',
    parentId: null,
    runtime: plan.settings.runtime,
    template: 'platform-agent',
    role: null,
    model: null,
    createdBy: ACTOR,
  });
  // Whatever was a root before now hangs below the concierge.
  await trx
    .updateTable('workspaces')
    .set({ parent_id: row.id })
    .where('org_id', '=', orgId)
    .where('parent_id', 'is', null)
    .where('id', '<>', row.id)
    .execute();
  await workspaces.declareTemplatePlugins(trx, row, deed);
  await appendEvents(trx, [
    {
      orgId,
      workspaceId: row.id,
      type: 'workspace.created',
      actor: ACTOR,
      data: { name: row.name, kind: row.kind, runtime: row.runtime },
    },
  ]);
  await appendAudit(
    trx,
    { orgId, actor: ACTOR, action: 'workspace.create', target: row.id, data: { name: row.name, kind: 'platform' } },
    plan.now,
  );
  return row;
}

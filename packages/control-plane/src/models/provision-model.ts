import { ENV } from '@molecule/contracts';
import {
  decidePin,
  findPlatformModel,
  PLATFORM_PROVIDER_ID,
  type Registry,
  reconcileModel,
  type StoredSetting,
} from '@molecule/models';
import { deleteSecret, type Executor, type WorkspaceRow } from '@molecule/store';
import type { Logger } from '../kernel/logger.ts';
import type { OpenedSecret, SecretsService } from '../secrets/secrets-service.ts';
import { readOrgSettings } from '../workspaces/org-settings.ts';
import type { CredentialState } from './credentials.ts';

export interface ProvisionDeps {
  readonly secrets: SecretsService;
  readonly log: Logger;
  readonly registry: Registry;
  readonly credentials: ReadonlyMap<string, CredentialState>;
}

const ACTOR = 'system';

/** The stored pin as the rules see it. */
export function settingOf(opened: OpenedSecret): StoredSetting {
  if (opened.state !== 'set') return { state: opened.state };
  return { state: 'set', value: opened.value, origin: opened.row.origin };
}

/** The model a workspace runs with: its own, else the org's. */
export function modelSettingOf(
  row: Pick<WorkspaceRow, 'model' | 'model_origin'>,
  orgModel: string | null,
): StoredSetting {
  if (row.model !== null)
    return { state: 'set', value: row.model, ...(row.model_origin === null ? {} : { origin: row.model_origin }) };
  return orgModel === null ? { state: 'unset' } : { state: 'set', value: orgModel, origin: 'customer' };
}

/**
 * What each provision does about model and pin. Model first (B14): a default that the platform itself had stored is renewed, a
 * person's choice never (B19). Then the pin: seeded for a platform-managed concierge and for children it made (B9, B13, B18), cleared when it
 * was ours and the model has since become another provider's; ordinary workspaces are left alone altogether (B1, T4).
 * @param trx the transaction of the provision, which holds the row
 */
export async function provisionModel(trx: Executor, row: WorkspaceRow, deps: ProvisionDeps): Promise<void> {
  const concierge =
    row.kind === 'platform'
      ? null
      : await trx
          .selectFrom('workspaces')
          .select('id')
          .where('org_id', '=', row.org_id)
          .where('kind', '=', 'platform')
          .executeTakeFirst();
  const childOfConcierge = concierge !== null && concierge !== undefined && row.created_by === `box:${concierge.id}`;
  if (row.kind !== 'platform' && !childOfConcierge) return;
  const settings = await readOrgSettings(trx, row.org_id);
  // A runtime's own login is the person's choice of provider; so is a key of their own for the vendor behind the model.
  if (row.model === null && settings?.modelAccess === 'direct') return;
  const effective = await reconciled(trx, row, settings?.model ?? null, deps);
  const key = { orgId: row.org_id, workspaceId: row.id, name: ENV.llmProvider };
  const stored = settingOf(await deps.secrets.read(trx, key));
  if (stored.state === 'unset' && bringsOwnKey(effective, deps)) return;
  const decision = decidePin({
    kind: row.kind,
    childOfConcierge,
    storedProvider: stored,
    effectiveModel: effective,
    registry: deps.registry,
  });
  if (decision.action === 'none') {
    if (decision.log)
      deps.log.warn({ workspaceId: row.id, reason: decision.reason }, 'the provider pin was not decided');
    return;
  }
  deps.log.info({ workspaceId: row.id, action: decision.action, reason: decision.reason }, 'provider pin');
  if (decision.action === 'seed')
    await deps.secrets.set(trx, key, decision.provider, { orgId: row.org_id, actor: ACTOR }, { origin: 'platform' });
  else await deleteSecret(trx, key);
}

async function reconciled(
  trx: Executor,
  row: WorkspaceRow,
  orgModel: string | null,
  deps: ProvisionDeps,
): Promise<StoredSetting> {
  const stored = modelSettingOf(row, null);
  // Nothing stored of its own: the org's default applies without being copied, so it cannot become stale.
  if (stored.state === 'unset') return modelSettingOf(row, orgModel);
  const outcome = reconcileModel(stored, orgModel, deps.registry);
  if (outcome.action !== 'replace') return stored;
  await trx
    .updateTable('workspaces')
    .set({ model: outcome.model, model_origin: 'platform' })
    .where('id', '=', row.id)
    .execute();
  return { state: 'set', value: outcome.model, origin: 'platform' };
}

function bringsOwnKey(model: StoredSetting, deps: ProvisionDeps): boolean {
  const vendor = model.state === 'set' ? findPlatformModel(deps.registry, model.value) : null;
  const access =
    vendor === null || (model.state === 'set' && model.value.startsWith(`${PLATFORM_PROVIDER_ID}/`))
      ? undefined
      : deps.credentials.get(vendor.providerId);
  return (
    access?.state === 'unreadable' ||
    (access?.state === 'found' && (access.credential.origin === 'workspace' || access.credential.origin === 'org'))
  );
}

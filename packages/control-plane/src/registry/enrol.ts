import { type EnrolReply, type EnrolRequest, MoleculeError, type Scope } from '@molecule/contracts';
import { kindOf, wantsBox } from '@molecule/domain';
import {
  applyTransition,
  consumeToken,
  type Executor,
  lockWorkspace,
  mintToken,
  noteEnrolment,
  revokeEarlierBoots,
  type WorkspaceRow,
} from '@molecule/store';
import type { Services } from '../kernel/services.ts';
import { mintProofNonce } from '../readiness/repair.ts';
import { takeBackFromEarlierBoots } from '../work/expire-leases.ts';

/** What a box may do with its own token: nothing that reaches beyond its workspace. */
const BOX_SCOPES: readonly Scope[] = ['box:run', 'mcp:self', 'llm:use'];
/** What the concierge may do with the org: manage workspaces and give them work; not mint tokens, read secrets or change budgets. */
const MANAGEMENT_SCOPES: readonly Scope[] = [
  'mcp:management',
  'workspaces:read',
  'workspaces:write',
  'workspaces:delete',
  'events:read',
  'work:read',
  'work:write',
  'plugins:read',
  'plugins:write',
  'models:read',
  'secrets:read',
  'budgets:read',
];

/** Values of the secrets that an agent's environment gets, by name. */
export type BoxSecrets = (trx: Executor, workspaceId: string) => Promise<Record<string, string>>;
/** Puts in order what a new boot starts from. */
export type Provision = (trx: Executor, workspace: WorkspaceRow) => Promise<void>;

/**
 * Exchanges a one-time enrolment token for the credentials of one boot. All in one transaction: the token is used up by exactly one
 * caller, tokens of earlier boots end (B43), and the management token is made only for a row whose kind is read here and
 * now as `platform` (B1, B36); the database would refuse it for any other.
 * @throws MoleculeError `enrolment_invalid`, `boot_superseded`, `transition_illegal`
 */
export async function enrolBox(
  services: Services,
  trx: Executor,
  token: string,
  request: EnrolRequest,
  { secretsOf, provision }: { readonly secretsOf: BoxSecrets; readonly provision: Provision },
): Promise<EnrolReply> {
  const now = services.clock.now();
  // The workspace before its tokens, as everybody does: a pause in this moment would wait for the token, and this for the workspace.
  const row = await lockWorkspace(trx, request.workspaceId);
  const used = await consumeToken(trx, token, 'enrolment', now);
  if (
    row === undefined ||
    used === undefined ||
    used.workspace_id !== request.workspaceId ||
    used.boot_id !== request.bootId
  )
    throw new MoleculeError('enrolment_invalid');
  if (row.boot_id !== request.bootId) throw new MoleculeError('boot_superseded');
  if (!wantsBox(row.status))
    throw new MoleculeError('transition_illegal', {
      params: { workspace: row.name, from: row.status, event: 'enrolled' },
    });
  await revokeEarlierBoots(trx, row, request.bootId, now);
  await noteEnrolment(trx, row.id, request.bootId, now);
  await takeBackFromEarlierBoots(trx, row.id, request.bootId, now);
  await applyTransition(trx, row.id, 'enrolled', { reason: null, actor: `box:${row.id}`, now });
  const apiKey = await mintBoxToken(trx, row, request.bootId, 'box', BOX_SCOPES);
  const orgApiKey =
    kindOf(row.kind) === 'platform'
      ? await mintBoxToken(trx, row, request.bootId, 'management', MANAGEMENT_SCOPES)
      : null;
  await provision(trx, row);
  const desired = await services.desired.compute(trx, row.id, request.bootId);
  const proofNonce = desired.servers.some((server) => server.witnessed)
    ? await mintProofNonce(trx, { desired }, row.id, request.bootId, now)
    : null;
  return { orgId: desired.orgId, apiKey, orgApiKey, proofNonce, secrets: await secretsOf(trx, row.id), desired };
}

async function mintBoxToken(
  trx: Executor,
  row: WorkspaceRow,
  bootId: string,
  kind: 'box' | 'management',
  scopes: readonly Scope[],
): Promise<string> {
  const made = await mintToken(trx, {
    orgId: row.org_id,
    kind,
    name: `${kind} of ${row.name}`,
    scopes,
    box: { workspaceId: row.id, workspaceKind: kindOf(row.kind), bootId },
  });
  return made.value;
}

import { type BoxReplyOf, type BoxRequest, isMoleculeError, type MoleculeError } from '@molecule/contracts';
import { appendAudit, appendEvents, type WorkspaceRow } from '@molecule/store';
import type { Principal } from '../kernel/principal.ts';
import type { Services } from '../kernel/services.ts';
import type { BoxDeps } from './files-feature.ts';

type Change = Extract<BoxRequest, { type: 'files.write' | 'files.folder' | 'files.rename' | 'files.remove' }>;

export interface FileChange<R extends Change> {
  /** Name of the deed in the audit log. */
  readonly action: string;
  /** What is on record of it. */
  readonly data: Readonly<Record<string, string | number>>;
  readonly event: { readonly how: string; readonly path: string };
  /** What the box is asked for. @throws MoleculeError when it is refused without asking */
  readonly ask: () => R;
}

/**
 * One change to the files of a running box. It is on record before it happens: nothing is changed in a box that nobody can find again. That it was refused, by us
 * or by the box, is on record too.
 */
export async function changeFiles<R extends Change>(
  services: Services,
  { calls, workspaces }: BoxDeps,
  principal: Principal,
  ref: string,
  change: FileChange<R>,
): Promise<BoxReplyOf<R['type']>> {
  const row = await workspaces.find(services.db, principal.orgId, ref);
  const { action, data, event } = change;
  try {
    const request = change.ask();
    await record(services, principal, row, action, data);
    const done = await calls.ask(row, request);
    await appendEvents(services.db, [
      { orgId: row.org_id, workspaceId: row.id, type: 'files.changed', actor: principal.actor, data: event },
    ]);
    return done;
  } catch (error) {
    if (isRefusal(error))
      await record(services, principal, row, 'file.refused', { ...data, attempted: action, code: error.code });
    throw error;
  }
}

/** Not what is away or broken. */
function isRefusal(error: unknown): error is MoleculeError {
  return isMoleculeError(error) && error.status < 500;
}

function record(
  services: Services,
  { actor }: Principal,
  row: WorkspaceRow,
  action: string,
  data: Readonly<Record<string, string | number>>,
): Promise<void> {
  const entry = { orgId: row.org_id, actor, action, target: row.id, data };
  return services.db.transaction().execute((trx) => appendAudit(trx, entry, services.clock.now()));
}

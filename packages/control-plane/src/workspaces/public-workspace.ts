import type { Signal, Signals, Workspace } from '@molecule/contracts';
import type { WorkspaceRow } from '@molecule/store';

const UNKNOWN: Signal = {
  status: 'unknown',
  reason: 'not_reported',
  message: 'Nothing was reported yet.',
  nextStep: null,
  since: null,
};

/** A workspace as the outside sees it. `defaultModel` is what applies while none was chosen. */
export function publicWorkspace(row: WorkspaceRow, defaultModel: string | null): Workspace {
  const signals = row.signals as Partial<Signals>; // written only by storeAssessment
  return {
    id: row.id as Workspace['id'], // uuid columns
    orgId: row.org_id as Workspace['orgId'],
    name: row.name,
    kind: row.kind,
    status: row.status,
    statusReason: row.status_reason,
    runtime: row.runtime as Workspace['runtime'], // the column's check has the same pattern
    template: row.template,
    parentId: row.parent_id as Workspace['parentId'],
    model: row.model ?? defaultModel,
    signals: {
      responsiveness: signals.responsiveness ?? UNKNOWN,
      capability: signals.capability ?? UNKNOWN,
      identity: signals.identity ?? UNKNOWN,
    },
    generation: row.generation,
    createdAt: row.created_at.toISOString(),
    onlineAt: row.online_at?.toISOString() ?? null,
    lastHeartbeatAt: row.last_heartbeat_at?.toISOString() ?? null,
  };
}

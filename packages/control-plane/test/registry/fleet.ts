import { newId } from '@molecule/contracts';
import { toolsOfMode } from '@molecule/management-mcp';
import { mintToken } from '@molecule/store';
import { call, type Plane, type Replica } from '../plane.ts';

export interface Calm {
  readonly workspaceId: string;
  readonly bootId: string;
  readonly apiKey: string;
}

/** Workspaces that are online with their boxes, as if `count` of them had booted long ago. */
export async function calmFleet(plane: Plane, count: number): Promise<readonly Calm[]> {
  const now = plane.clock.now();
  const evidence = JSON.stringify({ tools: [...toolsOfMode('self').keys()] });
  const fleet: Calm[] = [];
  for (let n = 0; n < count; n += 1) {
    const [workspaceId, bootId] = [newId(), newId()];
    await plane.db
      .insertInto('workspaces')
      .values({
        id: workspaceId,
        org_id: plane.orgId,
        name: `w${n}`,
        runtime: 'test-runtime',
        template: 'blank-agent',
        status: 'online',
        boot_id: bootId,
        boot_started_at: now,
        boot_enrolled_at: now,
        registered_at: now,
        online_at: now,
        last_heartbeat_at: now,
        created_by: 'system',
      } as never) // the columns that are absent have defaults
      .execute();
    await plane.db
      .insertInto('proofs')
      .values({
        workspace_id: workspaceId,
        boot_id: bootId,
        server: 'a2a',
        rung: 'live',
        ok: true,
        reason: null,
        duration_ms: null,
        evidence,
      })
      .execute();
    const token = await mintToken(plane.db, {
      orgId: plane.orgId,
      kind: 'box',
      name: 'box',
      scopes: ['box:run'],
      box: { workspaceId, workspaceKind: 'workspace', bootId },
    });
    fleet.push({ workspaceId, bootId, apiKey: token.value });
  }
  return fleet;
}

export function beat(on: Replica, box: Calm, more: Record<string, unknown> = {}) {
  return call(on.url, box.apiKey, 'POST', '/api/v1/registry/heartbeat', {
    bootId: box.bootId,
    generation: 1,
    configuration_status: 'ready',
    ...more,
  });
}

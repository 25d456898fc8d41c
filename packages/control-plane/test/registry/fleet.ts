import { newId } from '@molecule/contracts';
import { toolsOfMode } from '@molecule/management-mcp';
import { mintToken } from '@molecule/store';
import { call, type Plane, type Replica, until } from '../plane.ts';

export interface Calm {
  readonly workspaceId: string;
  readonly bootId: string;
  readonly apiKey: string;
}

/** Workspaces that are online with their boxes, as if `count` of them had booted long ago. */
export async function calmFleet(plane: Plane, count: number): Promise<readonly Calm[]> {
  const now = plane.clock.now();
  const evidence = JSON.stringify({ tools: [...toolsOfMode('self').keys()] });
  const boxes = Array.from({ length: count }, () => ({ workspaceId: newId(), bootId: newId() }));
  await plane.db
    .insertInto('workspaces')
    .values(
      boxes.map(
        ({ workspaceId, bootId }, n) =>
          ({
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
          }) as never, // the columns that are absent have defaults
      ),
    )
    .execute();
  await plane.db
    .insertInto('proofs')
    .values(
      boxes.map(({ workspaceId, bootId }) => ({
        workspace_id: workspaceId,
        boot_id: bootId,
        server: 'a2a',
        rung: 'live',
        ok: true,
        reason: null,
        duration_ms: null,
        evidence,
      })),
    )
    .execute();
  return Promise.all(
    boxes.map(async (box) => {
      const token = await mintToken(plane.db, {
        orgId: plane.orgId,
        kind: 'box',
        name: 'box',
        scopes: ['box:run'],
        box: { ...box, workspaceKind: 'workspace' },
      });
      return { ...box, apiKey: token.value };
    }),
  );
}

/**
 * Beats until each replica answers this beat of the boxes from memory: a first one may be news, and what is learned by it is forgotten when the news arrive.
 */
export async function learn(
  plane: Plane,
  replicas: readonly Replica[],
  boxes: readonly Calm[],
  more: Record<string, unknown> = {},
): Promise<void> {
  const heard = replicas.map((replica) => {
    const ids = new Set<number>();
    replica.plane.services.events.subscribe((events) => {
      for (const { position } of events) ids.add(position.id);
    });
    return ids;
  });
  const before = await newest(plane);
  for (const replica of replicas) await Promise.all(boxes.map((box) => beat(replica, box, more)));
  const after = await newest(plane);
  if (after > before)
    await until(
      async () => heard.every((ids) => ids.has(after)),
      (all) => all,
    );
  for (const replica of replicas) await Promise.all(boxes.map((box) => beat(replica, box, more)));
}

async function newest(plane: Plane): Promise<number> {
  const row = await plane.db
    .selectFrom('events')
    .select((eb) => eb.fn.max<number>('id').as('id'))
    .executeTakeFirst();
  return row?.id ?? 0;
}

export function beat(on: Replica, box: Calm, more: Record<string, unknown> = {}) {
  return call(on.url, box.apiKey, 'POST', '/api/v1/registry/heartbeat', {
    bootId: box.bootId,
    generation: 1,
    configuration_status: 'ready',
    ...more,
  });
}

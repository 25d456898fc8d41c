import {
  BootEvent,
  Isolation,
  MoleculeError,
  PageQuery,
  pageOf,
  Readiness,
  RUNGS,
  type Signals,
} from '@molecule/contracts';
import { toolsOf } from '@molecule/domain';
import {
  type Executor,
  findWorkspace,
  findWorkspaceByName,
  listBootEvents,
  listProofs,
  publicBootEvent,
  type WorkspaceRow,
} from '@molecule/store';
import { z } from 'zod';
import { principalOf } from '../kernel/access.ts';
import type { App } from '../kernel/app.ts';
import type { Services } from '../kernel/services.ts';

const Params = z.object({ id: z.string().min(1).max(200) });
const BootEventItem = BootEvent.extend({ bootId: z.string(), seq: z.int() });

/** `workspaces/:id/readiness` and `workspaces/:id/boot-events`: why a workspace is as it is, rung by rung and step by step. */
export function readinessFeature(app: App, services: Services): void {
  app.route({
    method: 'GET',
    url: '/api/v1/workspaces/:id/readiness',
    config: { access: { scope: 'workspaces:read' } },
    schema: { params: Params, response: { 200: Readiness } },
    handler: async (request) =>
      readinessOf(services, await workspaceOf(services.db, principalOf(request).orgId, request.params.id)),
  });

  app.route({
    method: 'GET',
    url: '/api/v1/workspaces/:id/boot-events',
    config: { access: { scope: 'workspaces:read' } },
    schema: { params: Params, querystring: PageQuery, response: { 200: pageOf(BootEventItem) } },
    handler: async (request) => {
      const row = await workspaceOf(services.db, principalOf(request).orgId, request.params.id);
      const { limit, cursor } = request.query;
      const events = await listBootEvents(
        services.db,
        row.id,
        cursor === undefined ? undefined : parsePlace(cursor),
        limit,
      );
      const last = events.at(-1);
      return {
        items: events.map((event) => ({ ...publicBootEvent(event), bootId: event.boot_id, seq: event.seq })),
        nextCursor: events.length === limit && last !== undefined ? `${last.at.toISOString()}~${last.seq}` : null,
      };
    },
  });
}

/** The ladder of the present boot with a summary for people. */
export async function readinessOf(services: Services, row: WorkspaceRow): Promise<Readiness> {
  const bootId = row.boot_id;
  const [desired, proofs] =
    bootId === null
      ? [null, []]
      : await Promise.all([
          services.desired.compute(services.db, row.id, bootId),
          listProofs(services.db, row.id, bootId),
        ]);
  const servers = (desired?.servers ?? []).map((server) => {
    const own = proofs.filter((proof) => proof.server === server.name);
    const live = own.find((proof) => proof.rung === 'live' && proof.ok);
    return {
      server: server.name,
      required: server.required,
      requiredTools: server.requiredTools,
      tools: live === undefined ? null : [...(toolsOf(live) ?? [])],
      rungs: RUNGS.map((rung) => {
        const proof = own.find((item) => item.rung === rung);
        // Declared is what the desired state itself says; a claim of a live server that must be witnessed is still pending.
        const passed =
          rung === 'declared' || (proof?.ok === true && (rung !== 'live' || proof.witnessed || !server.witnessed));
        return {
          rung,
          state: passed ? ('passed' as const) : proof?.ok === false ? ('failed' as const) : ('pending' as const),
          witnessed: proof?.witnessed ?? false,
          reason: proof?.reason ?? null,
          evidence: { ...proof?.evidence },
          durationMs: proof?.durationMs ?? null,
          at: proof?.at.toISOString() ?? null,
        };
      }),
    };
  });
  // A box of an earlier version may have told it in another form: unknown then, until its next boot.
  const isolation = Isolation.safeParse(row.isolation).data ?? null;
  return { workspaceId: row.id, bootId, servers, isolation, summary: summaryOf(row) };
}

function summaryOf(row: WorkspaceRow): Readiness['summary'] {
  const signals = Object.values(row.signals as Partial<Signals>); // written only by storeAssessment
  const worst =
    signals.find((signal) => signal.status === 'failed') ??
    signals.find((signal) => signal.status === 'unknown') ??
    signals.find((signal) => signal.status === 'warning');
  const able = row.status === 'online';
  const message = row.status_message ?? worst?.message;
  return {
    able,
    headline: able
      ? `${row.name} is online: ${worst?.message ?? 'everything it needs was proved.'}`
      : `${row.name} is ${row.status}${message === undefined ? '' : `: ${message}`}`,
    nextStep: worst?.nextStep ?? null,
  };
}

async function workspaceOf(db: Executor, orgId: string, ref: string): Promise<WorkspaceRow> {
  const row = z.uuid().safeParse(ref).success
    ? await findWorkspace(db, orgId, ref)
    : await findWorkspaceByName(db, orgId, ref);
  if (row === undefined) throw new MoleculeError('workspace_not_found', { params: { workspace: ref } });
  return row;
}

function parsePlace(cursor: string): { readonly at: Date; readonly seq: number } {
  const [at, seq] = cursor.split('~');
  const place = { at: new Date(at ?? ''), seq: Number(seq) };
  if (Number.isNaN(place.at.getTime()) || !Number.isInteger(place.seq)) throw new MoleculeError('cursor_invalid');
  return place;
}

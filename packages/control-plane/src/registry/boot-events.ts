import type { BootEventsRequest, SelfReport } from '@molecule/contracts';
import { appendEvents, canonicalJson, type Executor, insertBootEvents } from '@molecule/store';
import type { Principal } from '../kernel/principal.ts';
import type { Services } from '../kernel/services.ts';
import { lockBox } from './lock-box.ts';

/** Keeps the steps of a boot and announces the new ones; a repeat changes nothing. */
export async function keepBootEvents(trx: Executor, principal: Principal, request: BootEventsRequest): Promise<void> {
  const row = await lockBox(trx, principal, request.bootId);
  const fresh = await insertBootEvents(trx, row.id, row.boot_id, request.events);
  await appendEvents(
    trx,
    fresh.map((event) => ({
      orgId: row.org_id,
      workspaceId: row.id,
      type: typeOf(event.step),
      actor: principal.actor,
      data: { bootId: row.boot_id, ...event },
    })),
  );
}

/** Drift of native files has event types of its own, for those who watch for it. */
function typeOf(step: string): 'boot.event' | 'drift.repaired' | 'drift.contested' {
  return step === 'drift.repaired' || step === 'drift.contested' ? step : 'boot.event';
}

/** Sequence numbers of steps that the control plane writes itself lie above all that a box gives. */
const DIAG_SEQ = 1_000_000_000;

/**
 * Keeps a changed `platform_mcp_diag` as a step of the boot, so that it can be read next to the others (B88, B89, T48). Advisory: it
 * is never an input of the gate.
 */
export async function keepDiagnosis(
  services: Services,
  trx: Executor,
  row: { readonly id: string; readonly org_id: string; readonly boot_id: string },
  diag: SelfReport['platform_mcp_diag'],
  before: SelfReport['platform_mcp_diag'],
): Promise<void> {
  if (diag === undefined || canonicalJson(diag) === canonicalJson(before)) return;
  const now = services.clock.now();
  const { count } = await trx
    .selectFrom('boot_events')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('workspace_id', '=', row.id)
    .where('boot_id', '=', row.boot_id)
    .where('seq', '>=', DIAG_SEQ)
    .executeTakeFirstOrThrow();
  // An ordinary workspace must not have the entry, not even as dead config (B40); only the launcher is everybody's.
  const ok = diag.settings_entry_present === diag.is_concierge && diag.launcher_path !== null;
  const event = {
    seq: DIAG_SEQ + count,
    step: 'platform_mcp_diag',
    ok,
    at: now.toISOString(),
    durationMs: null,
    code: ok ? null : 'management_mcp_incomplete',
    message: `settings entry ${diag.settings_entry_present ? 'present' : 'missing'}, launcher ${diag.launcher_path ?? 'not found'}`,
    nextStep: null,
    detail: { ...diag },
  };
  await insertBootEvents(trx, row.id, row.boot_id, [event]);
  await appendEvents(trx, [
    {
      orgId: row.org_id,
      workspaceId: row.id,
      type: 'boot.event',
      actor: `box:${row.id}`,
      data: { bootId: row.boot_id, ...event },
    },
  ]);
}

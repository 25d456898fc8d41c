import type { DesiredState, SelfReport } from '@molecule/contracts';
import { type Assessment, assess, kindOf, type ReadinessInput } from '@molecule/domain';
import {
  appendEvents,
  applyTransition,
  type Executor,
  listProofs,
  lockWorkspace,
  type ProofRow,
  recentTurns,
  storeAssessment,
  type WorkspaceRow,
} from '@molecule/store';
import type { Services } from '../kernel/services.ts';

/** Turns that ended before this no longer say anything about the health of an agent. */
const RECENT_TURNS_MS = 15 * 60_000;
const RECENT_TURNS_MOST = 10;
/** Name under which operators search for the gate's decisions (B90). */
const GATE_LOGGER = 'platform-agent.identity';

export interface Reassessed {
  readonly row: WorkspaceRow;
  /** Status after the verdict was applied. */
  readonly status: WorkspaceRow['status'];
  readonly verdict: Assessment;
  readonly input: ReadinessInput;
  readonly desired: DesiredState;
  readonly proofs: readonly ProofRow[];
}

/**
 * Judges a workspace anew from what is stored, and applies the verdict: signals, start of a loss, status. The one place where a
 * workspace becomes online or ceases to be (besides silence, which the sweeper notices). Undefined when it has no boot.
 * @param trx a transaction; the workspace's row is held until it ends
 */
export async function reassess(
  services: Services,
  trx: Executor,
  workspaceId: string,
  actor: string,
): Promise<Reassessed | undefined> {
  const now = services.clock.now();
  const row = await lockWorkspace(trx, workspaceId);
  if (row === undefined || row.boot_id === null) return undefined;
  const desired = await services.desired.compute(trx, workspaceId, row.boot_id);
  const proofs = withHeld(await listProofs(trx, workspaceId, row.boot_id), desired.held, now);
  const turns = await recentTurns(trx, workspaceId, new Date(now.getTime() - RECENT_TURNS_MS), RECENT_TURNS_MOST);
  const input: ReadinessInput = {
    kind: kindOf(row.kind),
    status: row.status,
    now,
    enrolledAt: row.boot_enrolled_at,
    registeredAt: row.registered_at,
    onlineAt: row.online_at,
    // Only what the verdict needs: replicas remember this for every box.
    servers: [...desired.servers, ...desired.held].map(({ name, required, requiredTools, witnessed }) => ({
      name,
      required,
      requiredTools,
      witnessed,
    })),
    proofs,
    report: row.self_report as SelfReport, // parsed by the routes that store it
    model: desired.model,
    modelTrouble: await services.desired.modelTrouble(trx, row),
    identityDigest: desired.identity.text === '' ? null : desired.identity.digest,
    identityOnItsWay: row.applied_generation !== null && row.applied_generation < row.generation,
    missingSince: row.mcp_missing_since,
    lastRepairAt: row.last_repair_at,
    recentTurns: turns,
  };
  const verdict = assess(input);
  await storeAssessment(trx, row, verdict, actor, now);
  const status = await applyVerdict(services, trx, row, verdict, actor, now);
  if (input.kind === 'platform') logGate(services, input, verdict, row, status);
  return { row, status, verdict, input, desired, proofs };
}

/** A server that is held was proved with tools that nobody has accepted: that proof counts no more. */
function withHeld(proofs: readonly ProofRow[], held: DesiredState['held'], now: Date): readonly ProofRow[] {
  if (held.length === 0) return proofs;
  const names = new Set<string>(held.map(({ name }) => name));
  const refused = held.map(
    ({ name }): ProofRow => ({
      server: name,
      rung: 'declared',
      ok: false,
      witnessed: true,
      reason: 'tools_held',
      evidence: {},
      at: now,
      durationMs: null,
    }),
  );
  return [...proofs.filter(({ server }) => !names.has(server)), ...refused];
}

async function applyVerdict(
  services: Services,
  trx: Executor,
  row: WorkspaceRow,
  verdict: Assessment,
  actor: string,
  now: Date,
): Promise<WorkspaceRow['status']> {
  const cause = { reason: verdict.reason, message: verdict.message, nextStep: verdict.nextStep, actor, now };
  if (verdict.event === null) {
    // It speaks again, but is not proved: back from offline, not yet to online.
    if (row.status !== 'offline' || row.registered_at === null) return row.status;
    const back = await applyTransition(trx, row.id, 'registered_unable', {
      reason: 'not_proved',
      message: verdict.signals.capability.message,
      actor,
      now,
    });
    return back.status ?? row.status;
  }
  const outcome = await applyTransition(trx, row.id, verdict.event, cause);
  if (!outcome.ok) {
    services.log.warn(
      { workspaceId: row.id, status: row.status, event: verdict.event },
      'a verdict did not fit the status',
    );
    return row.status;
  }
  if (outcome.changed && verdict.event === 'gate_refused') {
    await appendEvents(trx, [
      {
        orgId: row.org_id,
        workspaceId: row.id,
        type: 'gate.refused',
        actor,
        data: { code: verdict.reason, detail: verdict.message, bootId: row.boot_id },
      },
    ]);
  }
  return outcome.status;
}

function logGate(
  services: Services,
  input: ReadinessInput,
  verdict: Assessment,
  row: WorkspaceRow,
  status: string,
): void {
  const facts = {
    name: GATE_LOGGER,
    workspaceId: row.id,
    bootId: row.boot_id,
    statusBefore: input.status,
    status,
    able: verdict.able,
    gate: verdict.gate?.code ?? null,
    mcpServerPresent: input.report.mcp_server_present ?? null,
    mcpToolsReady: input.report.mcp_tools_ready ?? null,
    live: input.proofs
      .filter((proof) => proof.rung === 'live')
      .map((proof) => ({ server: proof.server, ok: proof.ok, witnessed: proof.witnessed, reason: proof.reason })),
    capability: verdict.signals.capability.reason,
    repairDue: verdict.repairDue,
  };
  if (verdict.gate === null) services.log.info(facts, 'gate: not refused');
  else services.log.warn(facts, 'gate: refusing to mark online (fail-closed)');
}

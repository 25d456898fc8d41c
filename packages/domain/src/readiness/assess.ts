import { PLATFORM_MCP_MISSING } from '@molecule/contracts';
import type { LifecycleEvent } from '../lifecycle/lifecycle-event.ts';
import { wantsBox } from '../lifecycle/transition.ts';
import type { AssessedSignal, ReadinessInput } from './readiness-input.ts';
import { type CapabilityVerdict, capability, identity, responsiveness } from './signals.ts';
import { CAPABILITY_GRACE_MS, REPAIR_INTERVAL_MS, WARM_UP_MS } from './timers.ts';

/** A refusal of the fail-closed gate: the code is the one on the wire. */
export interface GateRefusal {
  readonly code: 'platform_agent_mcp_server_missing' | 'platform_agent_model_missing' | 'required_server_failed';
  readonly detail: string;
}

export interface Assessment {
  readonly signals: {
    readonly responsiveness: AssessedSignal;
    readonly capability: AssessedSignal;
    readonly identity: AssessedSignal;
  };
  /** True when it is proved able to work. Depends on evidence alone, never on the status it has (I25). */
  readonly able: boolean;
  readonly gate: GateRefusal | null;
  /** What follows for the lifecycle; null = stay. */
  readonly event: Extract<LifecycleEvent, 'able' | 'degraded' | 'gate_refused' | 'boot_failed'> | null;
  readonly reason: string | null;
  readonly message: string | null;
  readonly nextStep: string | null;
  /** A repair shall be sent with the next heartbeat. Independent of the gate's verdict (I28). */
  readonly repairDue: boolean;
  /** Since when a required capability is missing; to be stored for the grace window. */
  readonly missingSince: Date | null;
}

/**
 * The verdict on one workspace, from stored evidence and the time alone (B75 to B85, B91 to B96).
 *
 * Order: an explicit refusal fails at once; a required capability that is not proved holds the workspace back during the
 * warm-up, and degrades it after the grace when it had been there; a whole box without model or persona degrades; all else is able.
 */
export function assess(input: ReadinessInput): Assessment {
  const proved = capability(input);
  const signals = { responsiveness: responsiveness(input), capability: proved.signal, identity: identity(input) };
  const lacks = proved.denied || proved.lacking.length > 0;
  const missingSince = lacks ? (input.missingSince ?? input.now) : null;
  const sick =
    [signals.responsiveness, signals.identity].find((signal) => signal.status === 'failed') ??
    (signals.responsiveness.status === 'warning' ? signals.responsiveness : undefined);
  const reported = input.registeredAt !== null && wantsBox(input.status);
  const gate = reported ? gateOf(input, proved) : null;
  const able = reported && gate === null && !lacks && sick === undefined;
  const repairDue =
    reported && lacks && (input.lastRepairAt === null || since(input, input.lastRepairAt) >= REPAIR_INTERVAL_MS);
  const stay = {
    signals,
    able,
    gate,
    repairDue,
    missingSince,
    event: null,
    reason: null,
    message: null,
    nextStep: null,
  } as const;

  if (!reported)
    return wantsBox(input.status) && overdue(input)
      ? { ...stay, event: 'boot_failed', reason: 'boot_timeout', ...BOOT_TIMEOUT }
      : stay;
  if (gate !== null)
    return {
      ...stay,
      event: 'gate_refused',
      reason: gate.code,
      message: gate.detail,
      nextStep: signals.capability.nextStep ?? signals.responsiveness.nextStep,
    };
  if (lacks)
    return heldBack(input, missingSince) ? stay : { ...stay, event: 'degraded', ...lackOf(input, signals.capability) };
  if (sick !== undefined)
    return { ...stay, event: 'degraded', reason: sick.reason, message: sick.message, nextStep: sick.nextStep };
  return { ...stay, event: 'able' };
}

function gateOf(input: ReadinessInput, proved: CapabilityVerdict): GateRefusal | null {
  const first = proved.lacking[0];
  if (input.kind === 'platform') {
    if (input.report.mcp_server_present === false) return { code: PLATFORM_MCP_MISSING, detail: proved.signal.message };
    if (input.model.kind === 'none') return { code: 'platform_agent_model_missing', detail: input.model.message };
  }
  // Waiting cannot help: said at once and by name instead of being absorbed by a grace window (B96).
  if (first?.state.state === 'failed' && first.state.permanent) {
    return {
      code: input.kind === 'platform' ? PLATFORM_MCP_MISSING : 'required_server_failed',
      detail: proved.signal.message,
    };
  }
  return null;
}

/** True while the missing capability does not count against the workspace yet. */
function heldBack(input: ReadinessInput, missingSince: Date | null): boolean {
  // Affirmed not-ready degrades at once (B95).
  if (input.kind === 'platform' && input.report.mcp_tools_ready === false) return false;
  if (wasAble(input) && input.status !== 'failed')
    return input.status === 'online' && missingSince !== null && since(input, missingSince) < CAPABILITY_GRACE_MS;
  // What the gate failed stays failed until it is proved: a box that merely stops saying no has shown nothing.
  return input.status === 'failed' || ((input.status === 'booting' || input.status === 'offline') && !overdue(input));
}

/** It was online within the present boot. */
function wasAble(input: ReadinessInput): boolean {
  return input.onlineAt !== null && input.enrolledAt !== null && input.onlineAt >= input.enrolledAt;
}

function overdue(input: ReadinessInput): boolean {
  return input.enrolledAt !== null && since(input, input.enrolledAt) >= WARM_UP_MS;
}

function lackOf(input: ReadinessInput, signal: AssessedSignal): Pick<Assessment, 'reason' | 'message' | 'nextStep'> {
  return {
    reason: input.kind === 'platform' ? PLATFORM_MCP_MISSING : 'required_server_missing',
    message: signal.message,
    nextStep: signal.nextStep,
  };
}

const BOOT_TIMEOUT = {
  message: 'The box enrolled but never registered.',
  nextStep: '`molecule ws events` shows the last boot step; `molecule ws restart` starts over.',
} as const;

function since(input: ReadinessInput, moment: Date): number {
  return input.now.getTime() - moment.getTime();
}

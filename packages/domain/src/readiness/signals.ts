import { MANAGEMENT_SERVER_NAME } from '@molecule/contracts';
import { failureAdvice } from '../failures/failure-advice.ts';
import type { AssessedSignal, NeededServer, ReadinessInput } from './readiness-input.ts';
import { type ServerState, serverState } from './server-state.ts';
import { FAILING_TURNS_MIN, FAILING_TURNS_RATE } from './timers.ts';

export const OK = (message: string): AssessedSignal => ({ status: 'ok', reason: null, message, nextStep: null });

/** Can it run a turn: box, model, provider, credential, and how the last turns went (B8, B83, B94). */
export function responsiveness(input: ReadinessInput): AssessedSignal {
  const { model, report, recentTurns } = input;
  if (model.kind === 'none')
    return { status: 'failed', reason: model.reason, message: model.message, nextStep: model.nextStep };
  if (input.modelTrouble != null) return { status: 'failed', ...input.modelTrouble };
  if (input.registeredAt === null) {
    return {
      status: 'unknown',
      reason: 'not_registered',
      message: 'The box has not reported in yet.',
      nextStep: 'Wait for the boot to finish; `molecule ws events` shows each step.',
    };
  }
  if (report.configuration_status === 'not_configured') {
    return {
      status: 'failed',
      reason: 'not_configured',
      message: report.configuration_reason ?? 'The runtime says that it has no usable model.',
      nextStep: 'Choose a model with `molecule model set`, or set the key that it needs.',
    };
  }
  if (
    recentTurns.ended >= FAILING_TURNS_MIN &&
    recentTurns.failed / recentTurns.ended >= FAILING_TURNS_RATE &&
    recentTurns.lastFailure !== null
  ) {
    const advice = failureAdvice(recentTurns.lastFailure);
    return {
      status: 'warning',
      reason: `turns_failing_${recentTurns.lastFailure}`,
      message: `${recentTurns.failed} of the last ${recentTurns.ended} turns failed. ${advice.what}`,
      nextStep: advice.next,
    };
  }
  // An absent configuration_status is unknown, and unknown does not refuse (B84).
  return OK(model.kind === 'gateway' && model.demo ? 'Runs turns on the built-in demo model.' : 'Runs turns.');
}

export interface CapabilityVerdict {
  readonly signal: AssessedSignal;
  /** Required servers that are not live, worst first. Empty = capable. */
  readonly lacking: readonly { readonly server: string; readonly state: Exclude<ServerState, { state: 'live' }> }[];
  /** The box said in so many words that it has not got what it needs. */
  readonly denied: boolean;
}

/** Are the required MCP servers live with their required tools. */
export function capability(input: ReadinessInput): CapabilityVerdict {
  const { kind, report, proofs } = input;
  const servers =
    kind === 'platform' && !input.servers.some((server) => server.name === MANAGEMENT_SERVER_NAME)
      ? [...input.servers, UNDECLARED_MANAGEMENT]
      : input.servers;
  const states = servers.map((server) => ({ server, state: serverState(server, proofs, report) }));
  const lacking = states
    .flatMap(({ server, state }) => (server.required && state.state !== 'live' ? [{ server: server.name, state }] : []))
    .sort((a, b) => weight(b.state) - weight(a.state));
  // Only the concierge is asked for the management server: what an ordinary workspace says about it has no effect (B82, T22).
  const denied = kind === 'platform' && (report.mcp_server_present === false || report.mcp_tools_ready === false);
  const first = lacking[0];
  if (denied) {
    return {
      lacking,
      denied,
      signal: { status: 'failed', reason: 'mcp_denied_by_box', message: deniedText(input), nextStep: REPAIR_HINT },
    };
  }
  if (first !== undefined) {
    const reason = first.state.state === 'failed' ? first.state.reason : null;
    const status = reason === null ? 'unknown' : 'failed';
    return {
      lacking,
      denied,
      signal: { status, reason: reason ?? 'not_proved', message: sentence(first.state.detail), nextStep: REPAIR_HINT },
    };
  }
  const optional = states
    .filter(({ server, state }) => !server.required && state.state === 'failed')
    .map(({ server }) => server.name);
  if (optional.length > 0) {
    return {
      lacking,
      denied,
      signal: {
        status: 'warning',
        reason: 'optional_server_missing',
        message: `Works without: ${optional.join(', ')}.`,
        nextStep: '`molecule ws why` shows which rung failed.',
      },
    };
  }
  return {
    lacking,
    denied,
    signal: OK(servers.length === 0 ? 'No MCP server is needed.' : 'Every required MCP server was seen live.'),
  };
}

/**
 * Did the persona reach the place where the runtime reads it. An old box that does not say is unknown, not wrong. A concierge for which there is none works on,
 * and that is shown (B108).
 */
export function identity(input: ReadinessInput): AssessedSignal {
  if (input.identityDigest === null && input.kind === 'platform')
    return {
      status: 'warning',
      reason: 'persona_missing',
      message: 'The template of the concierge has no persona text, so it answers as the bare runtime does.',
      nextStep: 'Put the text back where the template names it, and start again: `molecule up`.',
    };
  if (input.identityDigest === null) return OK('No persona is wanted.');
  const seen = input.report.identity_digest;
  if (seen === undefined)
    return {
      status: 'unknown',
      reason: 'identity_not_reported',
      message: 'The box has not said which persona it has.',
      nextStep: null,
    };
  if (seen === input.identityDigest) return OK('The persona was read back where the runtime reads it.');
  // A name is part of the persona, and people may change it at any time: no reason to take the agent for sick.
  if (input.identityOnItsWay === true)
    return {
      status: 'unknown',
      reason: 'identity_on_its_way',
      message: 'The persona was changed, and the box has not taken it up yet.',
      nextStep: 'Wait for the next heartbeat; `molecule ws events` shows when it has.',
    };
  return {
    status: 'failed',
    reason: 'identity_differs',
    message: 'The persona in the box is not the one that was sent.',
    nextStep: 'Restart the workspace: `molecule ws restart`.',
  };
}

const REPAIR_HINT =
  'A repair is sent by itself; `molecule ws why` shows the rung that failed, `molecule ws restart` starts over.';
// A concierge whose desired state lacks the management server fails closed all the same (B82).
const UNDECLARED_MANAGEMENT: NeededServer = {
  name: MANAGEMENT_SERVER_NAME,
  required: true,
  requiredTools: [],
  witnessed: true,
};

function weight(state: ServerState): number {
  return state.state === 'failed' ? (state.permanent ? 2 : 1) : 0;
}
function deniedText(input: ReadinessInput): string {
  return input.report.mcp_server_present === false
    ? 'The box says that the management MCP server is not there.'
    : 'The box says that the tools of the management MCP server are not ready.';
}
function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

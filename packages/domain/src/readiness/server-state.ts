import { RUNGS, type SelfReport, toolId } from '@molecule/contracts';
import type { NeededServer, StoredProof } from './readiness-input.ts';

export type ServerState =
  | { readonly state: 'live' }
  /** Nothing speaks against it, but the proof is not there yet. */
  | { readonly state: 'pending'; readonly detail: string }
  /** A rung failed; `permanent` = waiting cannot help (B96). */
  | {
      readonly state: 'failed';
      readonly rung: string;
      readonly reason: string;
      readonly detail: string;
      readonly permanent: boolean;
    };

/** Reasons of a failed proof that no grace window may absorb: trying again as it is cannot help (B96). */
export const PERMANENT_PROOF_FAILURES: ReadonlySet<string> = new Set([
  'command_not_found',
  'required_tool_missing',
  'unexpanded_reference',
  'egress_denied',
  'setup_failed',
  'tools_held',
  'runtime_unknown',
]);

/**
 * How far one server has come on the proof ladder. A rung that failed outweighs those above it: what the real CLI does not list, its
 * agent does not have, however well it starts. `live` needs a successful launch with every required tool in it, and for a
 * witnessed server that the control plane saw it: what a box merely claims never counts (B39, T23). A failure that the box
 * itself reports does count, since a box may always lower its own standing.
 */
export function serverState(server: NeededServer, proofs: readonly StoredProof[], report: SelfReport): ServerState {
  const own = proofs.filter((proof) => proof.server === server.name);
  const live = own.find((proof) => proof.rung === 'live');
  const isLive = live?.ok === true && (live.witnessed || !server.witnessed);
  for (const rung of RUNGS) {
    // `used` says something about one call, not about the server.
    if (rung === 'used') break;
    const failed = own.find((proof) => proof.rung === rung && !proof.ok);
    if (failed === undefined) continue;
    const reason = failed.reason ?? `${rung}_failed`;
    return {
      state: 'failed',
      rung,
      reason,
      detail: `the rung "${rung}" of ${server.name} failed (${reason})`,
      permanent: PERMANENT_PROOF_FAILURES.has(reason),
    };
  }
  if (isLive) return withTools(server, live, report);
  return {
    state: 'pending',
    detail:
      live?.ok === true
        ? `${server.name} says it is live, but no launch of it reached the control plane`
        : `${server.name} has not been seen live in this boot`,
  };
}

function withTools(server: NeededServer, live: StoredProof, report: SelfReport): ServerState {
  const seen = toolsOf(live);
  // A proof without a list of tools falls back on what the runtime loaded (B91); neither known = unknown, which never refuses.
  const missing = server.requiredTools.filter((tool) =>
    seen === null
      ? report.loaded_mcp_tools !== undefined && !report.loaded_mcp_tools.includes(toolId(server.name, tool))
      : !seen.includes(tool) && !seen.includes(toolId(server.name, tool)),
  );
  if (missing.length === 0) return { state: 'live' };
  return {
    state: 'failed',
    rung: 'live',
    reason: 'required_tool_missing',
    detail: `${server.name} lacks the tool ${missing.join(', ')}`,
    permanent: seen !== null,
  };
}

/** Tools that a live proof saw, by name or by id; null when it does not say, or not all of them. */
export function toolsOf(proof: StoredProof): readonly string[] | null {
  const { tools, toolCount } = proof.evidence;
  if (!Array.isArray(tools) || (typeof toolCount === 'number' && toolCount > tools.length)) return null;
  return tools.filter((tool): tool is string => typeof tool === 'string');
}

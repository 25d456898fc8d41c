import type { Detection } from '@molecule/adapters';
import {
  type DesiredState,
  MANAGEMENT_SERVER_NAME,
  type PlatformMcpDiag,
  type SelfReport,
  toolId,
} from '@molecule/contracts';
import type { ServerRendering } from './rendering.ts';

export interface SelfReportFacts {
  readonly desired: Pick<DesiredState, 'kind' | 'servers' | 'model' | 'identity'>;
  readonly detection: Detection | null;
  readonly rendered: Readonly<Record<string, ServerRendering>>;
  /** Server → tool ids of its last live proof; null = it was tried and is not alive; a server that was never tried is absent. */
  readonly live: Readonly<Record<string, readonly string[] | null>>;
  readonly isIdentityInPlace: boolean;
  readonly diagnosis: PlatformMcpDiag | null;
}

/**
 * What a box says about itself, for register and heartbeat alike (B79). Facts only: what is not known is absent, and absent is never
 * replaced by a guess (B84, B91). It is advisory; nothing is granted for it (B39).
 */
export function selfReport(facts: SelfReportFacts): SelfReport {
  const { desired, live } = facts;
  const isConcierge = desired.kind === 'platform';
  const known = Object.values(live).filter((tools) => tools !== null);
  const required = desired.servers.filter((server) => server.required);
  const isTried = required.every(({ name }) => Object.hasOwn(live, name));
  const isReady = required.every(
    ({ name, requiredTools }) =>
      requiredTools.every((tool) => live[name]?.includes(toolId(name, tool)) === true) && live[name] !== null,
  );
  return {
    ...(isConcierge ? { mcp_server_present: facts.rendered[MANAGEMENT_SERVER_NAME]?.ok === true } : {}),
    ...(isTried ? { mcp_tools_ready: isReady } : {}),
    ...(known.length > 0 || (isTried && required.length === 0)
      ? { loaded_mcp_tools: known.flat().slice(0, 2_000) }
      : {}),
    ...configuration(desired.model, facts.detection),
    ...(facts.isIdentityInPlace ? { identity_digest: desired.identity.digest } : {}),
    ...(facts.diagnosis === null ? {} : { platform_mcp_diag: facts.diagnosis }),
  };
}

/** Whether a turn could run, as far as the box can tell (B8). A direct login that was not found may still come from elsewhere: unknown. */
function configuration(
  model: DesiredState['model'],
  detection: Detection | null,
): Pick<SelfReport, 'configuration_status' | 'configuration_reason'> {
  if (model.kind === 'none') return { configuration_status: 'not_configured', configuration_reason: model.message };
  if (detection === null)
    return {
      configuration_status: 'not_configured',
      configuration_reason: 'The runtime is not known on this box host.',
    };
  if (!detection.available)
    return {
      configuration_status: 'not_configured',
      configuration_reason: detection.problem ?? 'The runtime is not installed on this box host.',
    };
  return model.kind === 'direct' && !detection.hasLogin ? {} : { configuration_status: 'ready' };
}

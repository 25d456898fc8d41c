import { MANAGEMENT_REQUIRED_TOOL, MANAGEMENT_SERVER_NAME } from '@molecule/contracts';
import type { ReadinessInput, StoredProof } from '../../src/index.ts';

export const T0 = new Date('2026-06-20T12:00:00Z');
export const at = (ms: number): Date => new Date(T0.getTime() + ms);

export const WITNESSED: StoredProof = {
  server: MANAGEMENT_SERVER_NAME,
  rung: 'live',
  ok: true,
  witnessed: true,
  reason: null,
  evidence: { tools: [MANAGEMENT_REQUIRED_TOOL] },
  at: T0,
};

/** A concierge of which the control plane saw a live launcher, at T0 + 1 s. */
export function concierge(changes: Partial<ReadinessInput> = {}): ReadinessInput {
  return {
    kind: 'platform',
    status: 'booting',
    now: at(1_000),
    enrolledAt: T0,
    registeredAt: T0,
    onlineAt: null,
    servers: [
      { name: MANAGEMENT_SERVER_NAME, required: true, requiredTools: [MANAGEMENT_REQUIRED_TOOL], witnessed: true },
    ],
    proofs: [WITNESSED],
    report: { mcp_server_present: true, configuration_status: 'ready' },
    model: { kind: 'gateway', provider: 'demo', model: 'scripted', paths: {}, demo: true },
    identityDigest: null,
    missingSince: null,
    lastRepairAt: null,
    recentTurns: { ended: 0, failed: 0, lastFailure: null },
    ...changes,
  };
}

/** An ordinary workspace that needs no server. */
export function ordinary(changes: Partial<ReadinessInput> = {}): ReadinessInput {
  return concierge({ kind: 'workspace', servers: [], proofs: [], report: {}, ...changes });
}

import type { Inspection } from '@molecule/adapters';
import type { Proof } from '@molecule/contracts';

/** The `parsed` rung of one server from what the real CLI said it loaded; null = this CLI cannot tell, so the rung does not apply. */
export function parsedRung(server: Proof['server'], inspection: Inspection | null): Proof {
  const rung = (ok: boolean, reason: string | null, evidence: Record<string, unknown>): Proof => ({
    server,
    rung: 'parsed',
    ok,
    reason,
    evidence,
    durationMs: null,
  });
  if (inspection === null) return rung(true, null, { applicable: false });
  const seen = inspection.servers[server];
  const ok = seen !== undefined && seen.problem === null;
  return rung(ok, ok ? null : seen === undefined ? 'not_listed' : 'problem_reported', {
    connected: seen?.connected ?? null,
    problem: seen?.problem ?? inspection.problem,
  });
}

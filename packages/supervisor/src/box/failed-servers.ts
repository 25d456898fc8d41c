import type { DesiredState, Proof } from '@molecule/contracts';
import type { Delivery } from './plugin-delivery.ts';

/** Proofs of servers that could not be rendered, because no adapter is there. */
export function undelivered(desired: DesiredState, delivery: Delivery): Proof[] {
  return desired.servers.flatMap(({ name, plugin }): Proof[] => {
    const outcome = delivery.outcomes[plugin];
    return [
      { server: name, rung: 'declared', ok: true, reason: null, evidence: { plugin }, durationMs: null },
      ...(outcome === undefined
        ? []
        : [
            {
              server: name,
              rung: 'delivered' as const,
              ok: outcome.ok,
              reason: outcome.reason,
              evidence: { digest: outcome.digest },
              durationMs: null,
            },
          ]),
      {
        server: name,
        rung: 'rendered',
        ok: false,
        reason: 'runtime_unknown',
        evidence: { runtime: desired.runtime },
        durationMs: null,
      },
    ];
  });
}

/** No server is live. */
export function deadServers(desired: DesiredState): Record<string, null> {
  return Object.fromEntries(desired.servers.map(({ name }) => [name, null]));
}

/** Proofs of servers whose plugin's setup failed. */
export function unprepared(desired: DesiredState, delivery: Delivery, unready: ReadonlySet<string>): Proof[] {
  return desired.servers
    .filter(({ plugin }) => unready.has(plugin))
    .flatMap(({ name, plugin }): Proof[] => [
      { server: name, rung: 'declared', ok: true, reason: null, evidence: { plugin }, durationMs: null },
      {
        server: name,
        rung: 'delivered',
        ok: false,
        reason: 'setup_failed',
        evidence: { digest: delivery.outcomes[plugin]?.digest ?? null },
        durationMs: null,
      },
    ]);
}

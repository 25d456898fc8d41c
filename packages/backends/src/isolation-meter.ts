import type { HostFacts } from './host-facts.ts';
import type { IsolationPolicy } from './isolation-policy.ts';
import { type IsolationReport, measureIsolation } from './isolation-report.ts';

/**
 * Measures isolation once for each kind of policy on a machine whose facts do not change, and remembers the report. One for each box host.
 * A measurement that failed is not remembered.
 */
export class IsolationMeter {
  readonly #facts: HostFacts;
  readonly #reports = new Map<string, Promise<IsolationReport>>();

  constructor(facts: HostFacts) {
    this.#facts = facts;
  }

  /** The report for boxes with this kind of policy: the same way to the network and the same user, whatever their folders are. */
  measure(policy: IsolationPolicy): Promise<IsolationReport> {
    const key = JSON.stringify([
      policy.egress.controlPlanePort,
      policy.egress.hosts.length > 0,
      policy.identity.uid,
      policy.readable,
      policy.hidden,
    ]);
    const known = this.#reports.get(key);
    if (known !== undefined) return known;
    const report = measureIsolation(policy, this.#facts);
    this.#reports.set(key, report);
    report.then(
      // "The control plane does not answer" must not stick to a host that was started before it.
      ({ reason }) => reason !== undefined && this.#reports.delete(key),
      () => this.#reports.delete(key),
    );
    return report;
  }
}

import type { Detection, Inspection } from '@molecule/adapters';
import type { Proof } from '@molecule/contracts';
import type { Printer } from '../../output/printer.ts';
import { table } from '../../output/table.ts';
import type { HomeOptions } from './home-options.ts';

export interface VerifyOptions extends HomeOptions {
  readonly all?: boolean;
}

/** What is known of one server of a home. */
export interface Verdict {
  readonly server: string;
  /** False for one that the person has by themselves. */
  readonly declared: boolean;
  readonly live: boolean;
  readonly proofs: readonly Proof[];
  readonly tools: readonly string[] | null;
  /** Variables it refers to that are not set here: where the runtime is started without them too, it goes without. */
  readonly unset: readonly string[];
}

/** Shows what was found out: the ladder of each server, and why a rung failed. */
export function showVerdicts(
  verdicts: readonly Verdict[],
  detection: Detection,
  inspection: Inspection | null,
  options: VerifyOptions,
  home: string,
  printer: Printer,
): void {
  const { available, version, path, problem } = detection;
  printer.value({
    runtime: options.runtime,
    home,
    cli: { available, version, path, problem, asked: inspection !== null },
    servers: verdicts,
  });
  printer.note(
    available
      ? `${options.runtime} ${version ?? ''} at ${path ?? ''}${inspection === null ? '; it cannot tell what it loads' : ''}`
      : `${options.runtime} was not asked: ${problem ?? ''}`,
  );
  if (verdicts.length === 0) {
    printer.note(`There is no MCP server for ${options.runtime} in ${home}.`);
    return;
  }
  const mark = (verdict: Verdict, rung: Proof['rung']): string => {
    const proof = verdict.proofs.find((each) => each.rung === rung);
    return proof === undefined || proof.evidence['applicable'] === false
      ? '-'
      : proof.ok
        ? 'ok'
        : (proof.reason ?? 'no');
  };
  printer.line(
    table(
      ['SERVER', 'FROM', 'RENDERED', 'PARSED', 'LIVE', 'TOOLS'],
      verdicts.map((each) => [
        each.server,
        each.declared ? 'plugin' : 'own',
        mark(each, 'rendered'),
        mark(each, 'parsed'),
        mark(each, 'live'),
        each.tools?.map((id) => id.split('__').at(-1) ?? id).join(', ') ?? '',
      ]),
    ),
  );
  for (const { server, proofs, unset } of verdicts) {
    if (unset.length > 0) printer.note(`${server}: not set here: ${unset.join(', ')}`);
    for (const { ok, rung, evidence } of proofs) {
      const why = evidence['message'] ?? evidence['problem'];
      if (!ok && typeof why === 'string') printer.note(`${server}, ${rung}: ${why}`);
    }
  }
}

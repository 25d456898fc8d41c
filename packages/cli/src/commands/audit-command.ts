import type { AuditEntry, AuditVerdict } from '@molecule/contracts';
import { Command } from 'commander';
import { table } from '../output/table.ts';
import type { Context } from '../program.ts';

/** `molecule audit …`. */
export function auditCommand(run: (work: (context: Context) => Promise<void>) => Promise<void>): Command {
  const audit = new Command('audit').description('The audit log: what was done, and the proof that it was not changed');

  audit
    .command('list')
    .description('Show the newest deeds')
    .option('--limit <count>', 'how many, at most 500', '50')
    .option('--action <action>', 'only these, e.g. workspace.create')
    .action((options: { limit: string; action?: string }) =>
      run(async ({ client, printer }) => {
        const query = new URLSearchParams({ limit: options.limit });
        if (options.action !== undefined) query.set('action', options.action);
        const page = await client.call<{ items: AuditEntry[] }>('GET', `/api/v1/audit?${query.toString()}`);
        printer.value(page.items);
        printer.line(
          table(
            ['SEQ', 'AT', 'WHO', 'WHAT', 'TARGET'],
            page.items.map((each) => [String(each.seq), each.at, each.actor, each.action, each.target ?? '']),
          ),
        );
      }),
    );

  audit
    .command('verify')
    .description('Compute the chain anew; exit 1 when an entry was changed or is missing')
    .option('--witness <seq:hash>', 'an entry noted earlier that must still be there')
    .action((options: { witness?: string }) =>
      run(async ({ client, printer }) => {
        const [seq = '', hash = ''] = (options.witness ?? '').split(':');
        const body = options.witness === undefined ? {} : { witness: { seq: Number(seq), hash } };
        const verdict = await client.call<AuditVerdict>('POST', '/api/v1/audit/verify', body);
        printer.value(verdict);
        printer.line(verdictLine(verdict));
        if (verdict.whole && verdict.head !== null)
          printer.note(`Keep ${verdict.head.seq}:${verdict.head.hash} elsewhere, and give it with --witness later.`);
        if (!verdict.whole) process.exitCode = 1;
      }),
    );
  return audit;
}

function verdictLine({ entries, brokenAt, witnessFound }: AuditVerdict): string {
  if (brokenAt !== null) return `NO: entry ${brokenAt} does not follow from the one before it. ${entries} are whole.`;
  if (witnessFound === false)
    return `NO: the noted entry is not in the log. Its ${entries} entries follow from each other, so the end was cut off or the log replaced.`;
  return `ok: ${entries} entries, each follows from the one before it.`;
}

import type { Budget, Workspace } from '@molecule/contracts';
import { Command, Option } from 'commander';
import { table } from '../output/table.ts';
import { UsageError } from '../output/usage-error.ts';
import type { Context } from '../program.ts';

type Run = (work: (context: Context) => Promise<void>) => Promise<void>;

interface SetFlags {
  readonly usd?: string;
  readonly tokens?: string;
  readonly turns?: string;
  readonly minutes?: string;
  readonly workspace?: string;
  readonly subtree?: string;
  readonly task?: string;
  readonly per: Budget['period'];
  readonly soft?: boolean;
}

const UNITS = ['usd', 'tokens', 'turns', 'minutes'] as const;

/** `molecule budget …`. */
export function budgetCommand(run: Run): Command {
  const budget = new Command('budget').description('Budgets in money, tokens, turns or minutes: list, set, rm');

  budget
    .command('list')
    .description('List the budgets with what the present period has used')
    .action(() =>
      run(async ({ client, printer }) => {
        const items: Budget[] = [];
        for await (const each of client.items<Budget>('/api/v1/budgets')) items.push(each);
        printer.value(items);
        printer.line(
          table(
            ['COVERS', 'LIMIT', 'PER', 'MODE', 'USED', 'HELD', 'ID'],
            items.map((each) => [
              each.scope.kind === 'org' ? 'org' : `${each.scope.kind} ${each.scope.id}`,
              `${each.limit} ${each.unit}`,
              each.period,
              each.mode,
              String(each.spent),
              String(each.reserved),
              each.id,
            ]),
          ),
        );
      }),
    );

  budget
    .command('set')
    .description('Set one limit; the org is meant unless something narrower is named. In force at once')
    .option('--usd <amount>', 'US dollars')
    .option('--tokens <count>', 'tokens, prompts and answers together')
    .option('--turns <count>', 'turns; also limits a login')
    .option('--minutes <minutes>', 'time of turns; also limits a login')
    .option('--workspace <workspace>', 'this workspace alone, by id or name')
    .option('--subtree <workspace>', 'this workspace and all below it')
    .option('--task <id>', 'this task and every task delegated from it')
    .addOption(
      new Option('--per <period>', 'when it begins anew').choices(['hour', 'day', 'month', 'total']).default('month'),
    )
    .option('--soft', 'warn instead of refusing')
    .action((flags: SetFlags) =>
      run(async ({ client, printer }) => {
        const given = UNITS.flatMap((unit) =>
          flags[unit] === undefined ? [] : [{ unit, limit: Number(flags[unit]) }],
        );
        const [one] = given;
        if (one === undefined || given.length > 1 || !Number.isFinite(one.limit))
          throw new UsageError('Name exactly one of --usd, --tokens, --turns and --minutes, as a number.');
        const made = await client.call<Budget>('POST', '/api/v1/budgets', {
          scope: await scopeOf(client, flags),
          ...one,
          period: flags.per,
          mode: flags.soft === true ? 'soft' : 'hard',
        });
        printer.value(made);
        printer.line(
          `${made.limit} ${made.unit} per ${made.period} for ${made.scope.kind === 'org' ? 'the org' : `${made.scope.kind} ${made.scope.id}`} (${made.mode}); used ${made.spent}. Id ${made.id}`,
        );
      }),
    );

  budget
    .command('rm')
    .argument('<id>')
    .description('Remove a budget')
    .action((id: string) =>
      run(async ({ client, printer }) => {
        await client.call('DELETE', `/api/v1/budgets/${encodeURIComponent(id)}`);
        printer.value({ removed: id });
        printer.line('The budget was removed.');
      }),
    );
  return budget;
}

async function scopeOf(
  client: Context['client'],
  flags: SetFlags,
): Promise<{ kind: Budget['scope']['kind']; id?: string }> {
  if (flags.task !== undefined) return { kind: 'task', id: flags.task };
  const named = flags.subtree ?? flags.workspace;
  if (named === undefined) return { kind: 'org' };
  const { id } = await client.call<Workspace>('GET', `/api/v1/workspaces/${encodeURIComponent(named)}`);
  return { kind: flags.subtree === undefined ? 'workspace' : 'subtree', id };
}

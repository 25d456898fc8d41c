import type { UsageItem, UsagePage } from '@molecule/contracts';
import { Command, Option } from 'commander';
import { table } from '../output/table.ts';
import type { Context } from '../program.ts';

type Run = (work: (context: Context) => Promise<void>) => Promise<void>;

interface UsageFlags {
  readonly workspace?: string;
  readonly tree?: boolean;
  readonly task?: string;
  readonly from?: string;
  readonly to?: string;
  readonly by: string;
}

/** `molecule usage`. */
export function usageCommand(run: Run): Command {
  return new Command('usage')
    .description('What was used and what it cost: per task, workspace, tree and model')
    .option('--workspace <workspace>', 'id or name')
    .option('--tree', 'with everything below the workspace')
    .option('--task <id>', 'a task with every task delegated from it')
    .option('--from <time>', 'ISO 8601, to the full hour')
    .option('--to <time>', 'ISO 8601')
    .addOption(
      new Option('--by <what>', 'one line for each')
        .choices(['model', 'task', 'workspace', 'hour', 'day', 'total'])
        .default('model'),
    )
    .action((flags: UsageFlags) =>
      run(async ({ client, printer }) => {
        const query = new URLSearchParams({ by: flags.by, limit: '500' });
        if (flags.workspace !== undefined) query.set('workspace', flags.workspace);
        if (flags.tree === true) query.set('tree', 'true');
        if (flags.task !== undefined) query.set('taskId', flags.task);
        if (flags.from !== undefined) query.set('from', flags.from);
        if (flags.to !== undefined) query.set('to', flags.to);
        const page = await client.call<UsagePage>('GET', `/api/v1/usage?${query.toString()}`);
        printer.value(page);
        const rows = [...page.items.map((item) => line(item)), line(page.total, 'total')];
        printer.line(
          table(
            [
              ['hour', 'day'].includes(flags.by) ? 'SINCE' : 'WORKSPACE',
              'TASK',
              'MODEL',
              'REQUESTS',
              'IN',
              'CACHED',
              'OUT',
              'REASONING',
              'TURNS',
              'MINUTES',
              'USD',
            ],
            rows,
          ),
        );
        if (page.total.estimatedRequests > 0)
          printer.note(`${page.total.estimatedRequests} requests are partly estimated: their answers were cut.`);
        if (page.total.unpricedRequests > 0)
          printer.note(`${page.total.unpricedRequests} requests have no price and are not in the cost.`);
      }),
    );
}

function line(item: UsageItem, name?: string): string[] {
  const model = item.model === null ? '' : `${item.provider ?? ''}/${item.model}`;
  return [
    name ?? item.start ?? item.workspaceId ?? '',
    item.taskId ?? '',
    model,
    String(item.requests),
    String(item.inputTokens),
    String(item.cachedTokens),
    String(item.outputTokens),
    String(item.reasoningTokens),
    String(item.turns),
    item.minutes.toFixed(1),
    item.costUsd === undefined ? '-' : item.costUsd.toFixed(4),
  ];
}

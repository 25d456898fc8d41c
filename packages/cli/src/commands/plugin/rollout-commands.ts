import type { Rollout } from '@molecule/contracts';
import type { Command } from 'commander';
import { inert, table } from '../../output/table.ts';
import type { Context } from '../../program.ts';
import { differenceLines } from './difference-lines.ts';

/** `molecule plugin rollout …`: a change that reaches a share of the workspaces first. */
export function addRolloutCommands(
  plugin: Command,
  run: (work: (context: Context) => Promise<void>) => Promise<void>,
): void {
  const rollout = plugin
    .command('rollout')
    .description('Change a plugin, or the runtime, of many workspaces: a share first, the rest when it stays well');
  const show = ({ printer }: Context, item: Rollout): void => {
    printer.value(item);
    printer.line(
      `${item.id} is ${item.state.replace('_', ' ')}${item.reason === null ? '' : `: ${inert(item.reason)}`}`,
    );
    printer.line(
      `${item.canary.length} workspaces first, ${item.rest.length} after ${item.soakSeconds} s${item.resolved === null ? '' : `, to ${inert(item.resolved)}`}`,
    );
    for (const line of item.difference === null ? [] : differenceLines(item.difference)) printer.line(line);
  };

  rollout
    .command('list')
    .description('Show rollouts and plans, newest first')
    .action(() =>
      run(async (context) => {
        const { items } = await context.client.call<{ items: Rollout[] }>('GET', '/api/v1/rollouts');
        context.printer.value(items);
        context.printer.line(
          table(
            ['ID', 'STATE', 'CHANGE', 'FIRST', 'REST', 'REASON'],
            items.map((item) => [
              item.id,
              item.state,
              item.change.subject === 'plugin'
                ? `${item.change.plugin} → ${item.resolved}`
                : `runtime ${item.change.runtime}`,
              String(item.canary.length),
              String(item.rest.length),
              item.reason ?? '',
            ]),
          ),
        );
      }),
    );

  rollout
    .command('plan')
    .argument('<name>', 'plugin, or "runtime"')
    .argument('<to>', 'source of the new version, or id of the runtime')
    .option('--share <percent>', 'share that gets it first', '10')
    .option('--soak <seconds>', 'how long it must stay well', '600')
    .description('Make a plan and show it; nothing changes yet')
    .action((name: string, to: string, options: { share: string; soak: string }) =>
      run(async (context) => {
        const change =
          name === 'runtime' ? { subject: 'runtime', runtime: to } : { subject: 'plugin', plugin: name, source: to };
        show(
          context,
          await context.client.call<Rollout>('POST', '/api/v1/rollouts', {
            change,
            sharePercent: Number(options.share),
            soakSeconds: Number(options.soak),
          }),
        );
      }),
    );

  for (const [verb, description] of [
    ['start', 'Begin with the first share'],
    ['cancel', 'Take it back everywhere, or drop the plan'],
  ] as const) {
    rollout
      .command(verb)
      .argument('<id>')
      .description(description)
      .action((id: string) =>
        run(async (context) => {
          show(
            context,
            await context.client.call<Rollout>('POST', `/api/v1/rollouts/${encodeURIComponent(id)}/${verb}`),
          );
        }),
      );
  }
}

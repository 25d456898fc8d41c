import type { ModelCheck, ModelChoice, ModelInfo } from '@molecule/contracts';
import { Command } from 'commander';
import { table } from '../output/table.ts';
import type { Context } from '../program.ts';

type Run = (work: (context: Context) => Promise<void>) => Promise<void>;

/** `molecule model …`. */
export function modelCommand(run: Run): Command {
  const model = new Command('model').description('Models: list, show, set, check');

  model
    .command('list')
    .description('List the models; those with a key first')
    .option('--available', 'only those that can be used now')
    .action((options: { available?: boolean }) =>
      run(async ({ client, printer }) => {
        const { items } = await client.call<{ items: ModelInfo[] }>('GET', '/api/v1/models');
        const shown = items
          .filter((each) => options.available !== true || each.available)
          .sort((a, b) => Number(b.available) - Number(a.available));
        printer.value(shown);
        printer.line(
          table(
            ['MODEL', 'CAN BE USED', 'CONTEXT', 'USD PER MILLION IN/OUT'],
            shown.map((each) => [
              each.id,
              each.demo ? 'yes (demo, no AI)' : each.available ? 'yes' : 'no key',
              each.contextTokens === null ? '-' : String(each.contextTokens),
              each.price === null ? '-' : `${each.price.input} / ${each.price.output}`,
            ]),
          ),
        );
      }),
    );

  model
    .command('show')
    .description('What the org, or a workspace, runs on now')
    .option('--workspace <workspace>', 'id or name')
    .action((options: { workspace?: string }) =>
      run(async ({ client, printer }) => {
        const choice = await client.call<ModelChoice>('GET', pathOf(options.workspace));
        printer.value(choice);
        printer.line(choiceText(choice));
      }),
    );

  model
    .command('set')
    .argument('<model>', 'provider/model; `default` gives a workspace the model of the org again')
    .description('Choose the model of the org, or of a workspace; it is tried with a smallest call')
    .option('--workspace <workspace>', 'id or name')
    .option('--provider <provider>', 'pin the provider (LLM_PROVIDER); `none` takes the pin away')
    .option('--force', 'keep it even when the trial call fails')
    .action((id: string, options: { workspace?: string; provider?: string; force?: boolean }) =>
      run(async ({ client, printer }) => {
        const choice = await client.call<ModelChoice>('PUT', pathOf(options.workspace), {
          model: id === 'default' ? null : id,
          force: options.force === true,
          ...(options.provider === undefined
            ? {}
            : { provider: options.provider === 'none' ? null : options.provider }),
        });
        printer.value(choice);
        printer.line(choiceText(choice));
      }),
    );

  model
    .command('check')
    .argument('[model]', 'another model than the one that is set')
    .description('Try a model with the smallest real call')
    .option('--workspace <workspace>', 'id or name: with its key')
    .action((id: string | undefined, options: { workspace?: string }) =>
      run(async ({ client, printer }) => {
        const check = await client.call<ModelCheck>('POST', '/api/v1/models/check', {
          ...(id === undefined ? {} : { model: id }),
          ...(options.workspace === undefined ? {} : { workspace: options.workspace }),
        });
        printer.value(check);
        printer.line(`${check.ok ? 'ok' : `no: ${check.reason ?? ''}`} (${check.latencyMs} ms)\n${check.message}`);
        if (!check.ok) process.exitCode = 1;
      }),
    );
  return model;
}

function pathOf(workspace: string | undefined): string {
  return workspace === undefined
    ? '/api/v1/models/default'
    : `/api/v1/workspaces/${encodeURIComponent(workspace)}/model`;
}

function choiceText(choice: ModelChoice): string {
  const pin = choice.pin === null ? '' : `\nProvider pinned to ${choice.pin.provider} by the ${choice.pin.origin}.`;
  const key = choice.credential === null ? '' : `\nKey: ${choice.credential}.`;
  const check = choice.check === null || choice.check.ok ? '' : `\nThe trial call failed: ${choice.check.message}`;
  return `${choice.model ?? 'no model'}: ${choice.configured ? 'ready' : `not configured (${choice.reason ?? ''})`}\n${choice.message}${key}${pin}${check}`;
}

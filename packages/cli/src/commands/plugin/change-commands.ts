import { resolve } from 'node:path';
import type { PluginChange, PluginLock, PluginLockReport, WorkspacePlugin } from '@molecule/contracts';
import type { Command } from 'commander';
import { inert } from '../../output/table.ts';
import type { Context } from '../../program.ts';
import { readGivenJson, writeGivenFile } from '../given-file.ts';
import { workspaceGiven } from '../workspace-given.ts';
import { pluginsPath } from './channel-commands.ts';
import { differenceLines } from './difference-lines.ts';
import { pluginTable } from './plugin-lines.ts';

const POLL_MS = 250;
const UPGRADE_LIMIT_MS = 150_000;

/** `molecule plugin lock, upgrade, accept`: what changes in plugins that are there. */
export function addChangeCommands(
  plugin: Command,
  run: (work: (context: Context) => Promise<void>) => Promise<void>,
): void {
  plugin
    .command('lock')
    .option('--workspace <name>', 'which workspace; the concierge when none is named')
    .option('--export <file>', 'write exact sources and digests into a file')
    .option('--import <file>', 'install exactly what a file names')
    .description('Show what newer versions would change; keep or restore exact versions')
    .action((options: { workspace?: string; export?: string; import?: string }) =>
      run(async ({ client, printer: out }) => {
        // What is wrong with the command line itself is said before anybody is asked.
        const given = options.import === undefined ? undefined : await readGivenJson(resolve(options.import));
        const { id } = await workspaceGiven(client, options.workspace);
        if (options.export !== undefined) {
          const lock = await client.call<PluginLock>('GET', pluginsPath(id, '/lock'));
          await writeGivenFile(resolve(options.export), `${JSON.stringify(lock, null, 2)}\n`);
          out.value(lock);
          out.line(`Wrote ${lock.plugins.length} plugins to ${options.export}.`);
        } else if (given !== undefined) {
          const { items } = await client.call<{ items: WorkspacePlugin[] }>('PUT', pluginsPath(id, '/lock'), given);
          out.value(items);
          out.line(pluginTable(items));
        } else {
          const { items } = await client.call<PluginLockReport>('POST', pluginsPath(id, '/plan'), {});
          out.value(items);
          for (const item of items) out.line(reportLine(item));
        }
      }),
    );

  plugin
    .command('upgrade')
    .argument('<name>')
    .option('--workspace <name>', 'which workspace; the concierge when none is named')
    .option('--apply', 'apply the plan and wait for its proof; without it the plan is only shown')
    .description('Plan a newer version; with --apply put it in place, and go back by itself when it is not proved')
    .action((name: string, options: { workspace?: string; apply?: boolean }) =>
      run(async ({ client, printer: out }) => {
        const { id } = await workspaceGiven(client, options.workspace);
        const { items } = await client.call<PluginLockReport>('POST', pluginsPath(id, '/plan'), {
          plugin: name,
        });
        const item = items[0];
        if (item?.change == null || options.apply !== true) {
          out.value(item);
          if (item !== undefined) out.line(reportLine(item));
          if (item?.state === 'failed') process.exitCode = 1;
          return;
        }
        let change = await client.call<PluginChange>('POST', pluginsPath(id, `/changes/${item.change.id}/apply`));
        const end = Date.now() + UPGRADE_LIMIT_MS;
        while (change.state === 'applied' && Date.now() < end) {
          await new Promise((done) => setTimeout(done, POLL_MS));
          const seen = await client.call<{ items: PluginChange[] }>('GET', pluginsPath(id, '/changes'));
          change = seen.items.find(({ id }) => id === change.id) ?? change;
        }
        out.value(change);
        for (const line of differenceLines(change.difference)) out.line(line);
        out.line(
          `${inert(change.plugin)}: ${change.state.replace('_', ' ')}${change.reason === null ? '' : ` (${inert(change.reason)})`}`,
        );
        if (change.state !== 'proved') process.exitCode = 1;
      }),
    );

  plugin
    .command('accept')
    .argument('<server>')
    .option('--workspace <name>', 'which workspace; the concierge when none is named')
    .description('Accept the changed tools of a server that is flagged or held')
    .action((server: string, options: { workspace?: string }) =>
      run(async ({ client, printer: out }) => {
        const { id } = await workspaceGiven(client, options.workspace);
        const { items } = await client.call<{ items: WorkspacePlugin[] }>(
          'POST',
          pluginsPath(id, `/servers/${encodeURIComponent(server)}/accept`),
        );
        out.value(items);
        out.line(pluginTable(items));
      }),
    );
}

function reportLine(item: PluginLockReport['items'][number]): string {
  const name = inert(item.plugin);
  switch (item.state) {
    case 'current':
      return `${name}: up to date`;
    case 'pinned':
      return `${name}: pinned to ${inert(item.source)}`;
    case 'failed':
      return `${name}: ${inert(item.failure?.message ?? 'failed')} ${inert(item.failure?.hint ?? '')}`;
    case 'changed':
      return [
        `${name}: ${inert(item.change?.from.resolved ?? '')} → ${inert(item.change?.to.resolved ?? '')}`,
        ...(item.change === null ? [] : differenceLines(item.change.difference)),
      ].join('\n');
  }
}

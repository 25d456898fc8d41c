import { resolve } from 'node:path';
import type {
  CataloguePlugin,
  PluginAllowlist,
  PluginInstalled,
  PluginUninstalled,
  WorkspacePlugin,
} from '@molecule/contracts';
import type { Command } from 'commander';
import { inert } from '../../output/table.ts';
import type { Context } from '../../program.ts';
import { workspaceGiven } from '../workspace-given.ts';
import { catalogueTable, pluginTable, proofLine } from './plugin-lines.ts';

export const pluginsPath = (workspace: string, rest = ''): string =>
  `/api/v1/workspaces/${encodeURIComponent(workspace)}/plugins${rest}`;
const DEFAULT_WAIT_SECONDS = '20';

/** `molecule plugin list, install, uninstall, allowlist`: what a running installation has and gets. */
export function addChannelCommands(
  plugin: Command,
  run: (work: (context: Context) => Promise<void>) => Promise<void>,
): void {
  plugin
    .command('list')
    .option('--workspace <name>', 'show the plugins of a workspace instead of the catalogue')
    .description('Show the first-party catalogue, or the plugins of a workspace')
    .action((options: { workspace?: string }) =>
      run(async ({ client, printer: out }) => {
        if (options.workspace === undefined) {
          const { items } = await client.call<{ items: CataloguePlugin[] }>('GET', '/api/v1/plugins/catalog');
          out.value(items);
          out.line(catalogueTable(items));
          return;
        }
        const { items } = await client.call<{ items: WorkspacePlugin[] }>('GET', pluginsPath(options.workspace));
        out.value(items);
        out.line(pluginTable(items));
      }),
    );

  plugin
    .command('install')
    .argument('<source>')
    .option('--workspace <name>', 'which workspace; the concierge when none is named')
    .option('--wait <seconds>', 'how long to wait for the proof', DEFAULT_WAIT_SECONDS)
    .description('Fetch a plugin, pin it, deliver it to a running workspace and prove it')
    .action((source: string, options: { workspace?: string; wait: string }) =>
      run(async ({ client, printer: out }) => {
        const { id } = await workspaceGiven(client, options.workspace);
        const installed = await client.call<PluginInstalled>('POST', pluginsPath(id), {
          source: absoluteSource(source),
          waitSeconds: Number(options.wait),
        });
        out.value(installed);
        out.line(
          `${inert(installed.plugin.name)} ${installed.plugin.version ?? ''} (${inert(installed.plugin.resolved ?? '')}) after ${(installed.timing.totalMs / 1000).toFixed(1)} s.`,
        );
        out.line(proofLine(installed.proof));
        for (const part of installed.plugin.dropped)
          out.line(`Left out: ${inert(part)} (no counterpart in other runtimes)`);
        if (installed.proof.state === 'failed') process.exitCode = 1;
      }),
    );

  plugin
    .command('uninstall')
    .argument('<name>')
    .option('--workspace <name>', 'which workspace; the concierge when none is named')
    .option('--wait <seconds>', 'how long to wait until it is gone', DEFAULT_WAIT_SECONDS)
    .description('Take a plugin away; the native files become what they would be without it')
    .action((name: string, options: { workspace?: string; wait: string }) =>
      run(async ({ client, printer: out }) => {
        const { id } = await workspaceGiven(client, options.workspace);
        const gone = await client.call<PluginUninstalled>(
          'DELETE',
          pluginsPath(id, `/${encodeURIComponent(name)}?waitSeconds=${Number(options.wait)}`),
        );
        out.value(gone);
        out.line(
          `${inert(gone.name)} was uninstalled${gone.proof.state === 'proved' ? ', and is gone from the box' : ''}.`,
        );
      }),
    );

  const allowlist = plugin.command('allowlist').description('What the org permits');
  allowlist
    .command('show')
    .description('Show the list, and what is installed against it')
    .action(() =>
      run(async ({ client, printer: out }) => {
        const list = await client.call<PluginAllowlist>('GET', '/api/v1/plugins/allowlist');
        out.value(list);
        out.line(
          list.entries === null
            ? 'Everything is permitted.'
            : list.entries.length === 0
              ? 'Nothing is permitted.'
              : list.entries.map((entry) => inert(entry)).join('\n'),
        );
        for (const each of list.violations)
          out.line(`Against it: ${inert(each.plugin)} from ${inert(each.source)} in ${each.workspaceId}`);
      }),
    );
  allowlist
    .command('set')
    .argument('[entries...]', 'publisher:…, source:… or sha256:…; none = nothing is permitted')
    .option('--workspace <name>', 'bind the subtree of a workspace')
    .option('--clear', 'take the list away')
    .description('Replace the list')
    .action((entries: string[], options: { workspace?: string; clear?: boolean }) =>
      run(async ({ client, printer: out }) => {
        const lines = entries.map((entry) =>
          entry.startsWith('sha256:')
            ? { digest: entry }
            : entry.startsWith('publisher:')
              ? { publisher: entry.slice(10) }
              : { source: entry.replace(/^source:/, '') },
        );
        const list = await client.call<PluginAllowlist>('PUT', '/api/v1/plugins/allowlist', {
          entries: options.clear === true ? null : lines,
          ...(options.workspace === undefined ? {} : { workspace: options.workspace }),
        });
        out.value(list);
        out.line(
          `The list has ${list.entries?.length ?? 0} entries; ${list.violations.length} plugins are installed against it.`,
        );
      }),
    );
}

/** `file:` with a relative folder means the caller's folder, not the server's. */
function absoluteSource(source: string): string {
  return source.startsWith('file:') ? `file:${resolve(source.slice('file:'.length))}` : source;
}

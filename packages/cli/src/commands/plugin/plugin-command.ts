import { Command } from 'commander';
import type { Printer } from '../../output/printer.ts';
import type { RenderOptions } from './render-command.ts';
import type { VerifyOptions } from './verdict-lines.ts';

/** `molecule plugin …`. What is listed here needs no server and loads only what it uses. */
export function pluginCommand(printer: () => Printer): Command {
  const plugin = new Command('plugin').description(
    'Plugins: render into a home of this machine, take out again, verify',
  );

  const home = (command: Command): Command =>
    command
      .requiredOption('--runtime <id>', 'agent runtime whose files are meant')
      .requiredOption('--home <dir>', 'home folder whose native files are meant');

  home(plugin.command('render').argument('<source...>', 'folder, file:, builtin:, or any other plugin source'))
    .description('Write plugins into the native files of a runtime on this machine; shows what changes')
    .option('--dry-run', 'show what would change and write nothing')
    .action(async (sources: string[], options: RenderOptions) => {
      const { renderPlugins } = await import('./render-command.ts');
      await renderPlugins(sources, options, printer());
    });

  home(plugin.command('unrender').argument('<source...>', 'what was rendered: its source or the name of the plugin'))
    .description('Take plugins out of the native files again, back to the bytes of before')
    .option('--dry-run', 'show what would change and write nothing')
    .action(async (sources: string[], options: RenderOptions) => {
      const { unrenderPlugins } = await import('./render-command.ts');
      await unrenderPlugins(sources, options, printer());
    });

  home(plugin.command('verify'))
    .description(
      'Ask the runtime itself what it loads, start the servers and list their tools; exit code 1 when something declared is not live',
    )
    .option('--all', 'look at the servers that are not from plugins, too')
    .action(async (options: VerifyOptions) => {
      const { verifyHome } = await import('./verify-command.ts');
      await verifyHome(options, printer());
    });
  return plugin;
}

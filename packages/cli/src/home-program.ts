import { Command } from 'commander';
import { pluginCommand } from './commands/plugin/plugin-command.ts';
import { createPrinter } from './output/printer.ts';

/** Subcommands of `plugin` that people run in shell start files and hooks: running one again must cost little more than starting Node. */
const SOON = ['render', 'unrender'];

/** True for a command line that needs nothing but the files of a home. */
export function isHomeCommand(argv: readonly string[]): boolean {
  const words = argv.slice(2).filter((word) => !word.startsWith('-'));
  return words[0] === 'plugin' && SOON.includes(words[1] ?? '');
}

/** The same command as in the whole program, without the modules of all the others. */
export function createHomeProgram(): Command {
  const program = new Command('molecule').option('--json', 'one JSON value').exitOverride();
  const plugin = pluginCommand(() => createPrinter(program.opts<{ json?: boolean }>().json === true));
  program.addCommand(plugin);
  for (const command of [plugin, ...plugin.commands]) command.exitOverride();
  return program.configureHelp({ showGlobalOptions: true });
}

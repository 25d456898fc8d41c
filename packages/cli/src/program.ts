import { Command, Option } from 'commander';
import type { ApiClient } from './client/api-client.ts';
import { auditCommand } from './commands/audit-command.ts';
import { budgetCommand } from './commands/budget-command.ts';
import { modelCommand } from './commands/model-command.ts';
import { orgCommand } from './commands/org-command.ts';
import { addAuthorCommands } from './commands/plugin/author-commands.ts';
import { addChangeCommands } from './commands/plugin/change-commands.ts';
import { addChannelCommands } from './commands/plugin/channel-commands.ts';
import { pluginCommand } from './commands/plugin/plugin-command.ts';
import { addRolloutCommands } from './commands/plugin/rollout-commands.ts';
import { secretCommand } from './commands/secret-command.ts';
import { tokenCommand } from './commands/token-command.ts';
import { usageCommand } from './commands/usage-command.ts';
import { wsCommand } from './commands/ws/ws-command.ts';
import { VERSION } from './installation/install-root.ts';
import { createPrinter, type Printer } from './output/printer.ts';
import { UsageError } from './output/usage-error.ts';

/** What a command of a running installation gets. */
export interface Context {
  readonly client: ApiClient;
  readonly printer: Printer;
}

interface GlobalFlags {
  readonly json?: boolean;
  readonly dataDir?: string;
}

/** All commands. Everything heavy (schemas, server, database) is loaded only by the commands that need it. */
export function createProgram(): Command {
  const program = new Command('molecule')
    .description('Runs an organization of AI agents, headed by a concierge that is proved able to do its job.')
    .version(VERSION)
    .option('--json', 'one JSON value, or JSON lines for streams')
    .addOption(new Option('--data-dir <dir>', 'data directory').env('MOLECULE_DATA_DIR'))
    .configureHelp({ showGlobalOptions: true })
    .exitOverride();
  const flags = (): GlobalFlags => program.opts<GlobalFlags>();
  const printer = (): Printer => createPrinter(flags().json === true);

  const connected = async (work: (context: Context) => Promise<void>): Promise<void> => {
    const [{ ApiClient }, { findConnection }] = await Promise.all([
      import('./client/api-client.ts'),
      import('./client/connection.ts'),
    ]);
    const client = new ApiClient(await findConnection(flags()));
    try {
      await work({ client, printer: printer() });
    } finally {
      client.close();
    }
  };

  program
    .command('up')
    .description('Start everything and wait until the concierge is online')
    .option('--port <port>', 'port of the control plane', port, 8787)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .addOption(
      new Option('--database-url <url>', 'use this PostgreSQL instead of the managed one')
        .env('MOLECULE_DATABASE_URL')
        .argParser(postgresUrl),
    )
    .option('--runtime <id>', 'runtime of the concierge and of new workspaces')
    .option('--model <provider/model>', 'model of the org')
    .option('--no-concierge', 'do not make a concierge')
    .action(
      async (options: {
        port: number;
        host: string;
        databaseUrl?: string;
        runtime?: string;
        model?: string;
        concierge: boolean;
      }) => {
        const { up } = await import('./commands/up.ts');
        const { dataDir } = flags();
        await up({ ...options, ...(dataDir === undefined ? {} : { dataDir }) }, printer());
      },
    );

  program
    .command('demo')
    .description('The whole story in a throwaway directory, without any key')
    .option('--runtime <id>', 'runtime to show')
    .option('--keep', 'keep the directory')
    .action(async (options: { runtime?: string; keep?: boolean }) => {
      const { demo } = await import('./commands/demo.ts');
      await demo(options, printer());
    });

  program
    .command('doctor')
    .description('Check this machine and name the fix')
    .action(async () => {
      const { doctor } = await import('./commands/doctor.ts');
      await doctor(flags().dataDir, printer());
    });

  program
    .command('runtimes')
    .description('The agent runtimes: what was tested, where their files are, what they can do')
    .action(async () => {
      const { showRuntimes } = await import('./commands/runtimes-command.ts');
      await showRuntimes(printer(), process.env);
    });

  program
    .command('chat')
    .argument('<words...>', '[workspace] text: with two arguments the first names a workspace')
    .description('Send a message to the concierge, or to another workspace, and stream the answer')
    .action((words: string[]) =>
      connected(async ({ client, printer: out }) => {
        const { chat } = await import('./commands/chat.ts');
        const [first = '', ...rest] = words;
        if (rest.length === 0) await chat(client, out, undefined, first);
        else await chat(client, out, first, rest.join(' '));
      }),
    );

  program.addCommand(wsCommand(connected));
  program.addCommand(orgCommand(connected));
  program.addCommand(tokenCommand(connected));
  program.addCommand(modelCommand(connected));
  program.addCommand(secretCommand(connected));
  program.addCommand(budgetCommand(connected));
  program.addCommand(usageCommand(connected));
  program.addCommand(auditCommand(connected));
  const plugins = pluginCommand(printer).description(
    'Plugins: install, upgrade and uninstall, roll out, make new ones; render into a home of this machine, take out, verify',
  );
  addChannelCommands(plugins, connected);
  addChangeCommands(plugins, connected);
  addRolloutCommands(plugins, connected);
  addAuthorCommands(plugins, printer);
  program.addCommand(plugins);
  for (const command of withSubcommands(program)) command.exitOverride();
  return program;
}

function withSubcommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}

function port(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 65_535)
    throw new UsageError(`the port ${text} is not a number from 0 to 65535`);
  return value;
}

/** Not repeated in the message: it may hold a password. */
function postgresUrl(text: string): string {
  if (!/^postgres(?:ql)?:\/\//.test(text))
    throw new UsageError('The database address is none of PostgreSQL: it begins with postgresql://');
  return text;
}

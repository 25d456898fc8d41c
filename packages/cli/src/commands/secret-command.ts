import { text } from 'node:stream/consumers';
import type { SecretInfo, StoredSecret } from '@molecule/contracts';
import { Command } from 'commander';
import { table } from '../output/table.ts';
import { UsageError } from '../output/usage-error.ts';
import type { Context } from '../program.ts';
import { readGivenFile } from './given-file.ts';

type Run = (work: (context: Context) => Promise<void>) => Promise<void>;

/** `molecule secret …`. A value is never an argument: arguments are seen by every process of the machine. */
export function secretCommand(run: Run): Command {
  const secret = new Command('secret').description('Secrets: list, set, grant, rm, rotate; values are never shown');

  secret
    .command('list')
    .description('Names of the secrets of the org, or of a workspace')
    .option('--workspace <workspace>', 'id or name')
    .action((options: { workspace?: string }) =>
      run(async ({ client, printer }) => {
        const { items } = await client.call<{ items: SecretInfo[] }>('GET', pathOf(options.workspace));
        printer.value(items);
        printer.line(
          table(
            ['NAME', 'USED BY', 'VERSION', 'GRANTED TO', 'CHANGED'],
            items.map((each) => [
              each.name,
              each.use === 'gateway' ? 'gateway alone' : 'box',
              String(each.version),
              each.workspaceId !== null
                ? 'this workspace'
                : each.use === 'gateway'
                  ? '-'
                  : each.grants.join(' ') || 'nobody',
              each.updatedAt,
            ]),
          ),
        );
      }),
    );

  secret
    .command('set')
    .argument('<name>', "name of the variable; a provider's own name, such as ANTHROPIC_API_KEY, is for the gateway")
    .description("Store a value, read from standard input, a file or a variable; a provider's key is tried at once")
    .option('--workspace <workspace>', 'for this workspace alone, by id or name')
    .option('--grant <workspace...>', 'workspaces that get a secret of the org')
    .option('--from-file <path>', 'read the value from a file')
    .option('--from-env <variable>', 'read the value from a variable of this shell')
    .option('--force', 'store it even when the trial call fails')
    .action(
      (
        name: string,
        options: { workspace?: string; grant?: string[]; fromFile?: string; fromEnv?: string; force?: boolean },
      ) =>
        run(async ({ client, printer }) => {
          const value = await readValue(options);
          const stored = await client.call<StoredSecret>('POST', pathOf(options.workspace), {
            name,
            value,
            force: options.force === true,
            ...(options.grant === undefined ? {} : { grants: options.grant }),
          });
          printer.value(stored);
          printer.line(
            `${stored.name} is stored, version ${stored.version}${stored.use === 'gateway' ? '; the gateway alone uses it' : ''}.`,
          );
          if (stored.check !== null)
            printer.line(
              stored.check.ok
                ? `Tried: ${stored.check.message}`
                : `Stored, but the trial call failed: ${stored.check.message}`,
            );
        }),
    );

  secret
    .command('grant')
    .argument('<name>')
    .argument('[workspaces...]', 'exactly these get it; none = nobody')
    .description('Say which workspaces get a secret of the org')
    .action((name: string, workspaces: string[]) =>
      run(async ({ client, printer }) => {
        const info = await client.call<SecretInfo>('PUT', `/api/v1/secrets/${encodeURIComponent(name)}/grants`, {
          workspaces,
        });
        printer.value(info);
        printer.line(`${info.name} goes to ${info.grants.length === 0 ? 'nobody' : info.grants.join(', ')}.`);
      }),
    );

  secret
    .command('rm')
    .argument('<name>')
    .description('Remove a secret')
    .option('--workspace <workspace>', 'of this workspace')
    .action((name: string, options: { workspace?: string }) =>
      run(async ({ client, printer }) => {
        await client.call('DELETE', `${pathOf(options.workspace)}/${encodeURIComponent(name)}`);
        printer.value({ removed: name });
        printer.line(`${name} was removed.`);
      }),
    );

  secret
    .command('rotate')
    .description('New master key; every secret is wrapped anew, no value changes')
    .action(() =>
      run(async ({ client, printer }) => {
        const done = await client.call<{ keyId: string; rewrapped: number }>('POST', '/api/v1/secrets/rotate', {});
        printer.value(done);
        printer.line(`${done.rewrapped} secrets were wrapped anew with the key ${done.keyId}.`);
      }),
    );
  return secret;
}

function pathOf(workspace: string | undefined): string {
  return workspace === undefined ? '/api/v1/secrets' : `/api/v1/workspaces/${encodeURIComponent(workspace)}/secrets`;
}

async function readValue(options: { readonly fromFile?: string; readonly fromEnv?: string }): Promise<string> {
  const value =
    options.fromEnv !== undefined
      ? process.env[options.fromEnv]
      : options.fromFile !== undefined
        ? await readGivenFile(options.fromFile)
        : await typedOrPiped();
  const clean = value?.replace(/\r?\n$/, '') ?? '';
  if (clean === '') throw new UsageError('There is no value to store: pipe it in, or name --from-file or --from-env.');
  return clean;
}

/** On a terminal it is asked for without being shown. */
async function typedOrPiped(): Promise<string> {
  if (process.stdin.isTTY !== true) return text(process.stdin);
  process.stderr.write('Value (not shown): ');
  process.stdin.setRawMode(true);
  try {
    let typed = '';
    for await (const chunk of process.stdin) {
      for (const character of String(chunk)) {
        if (character === '\u0003') throw new UsageError('Broken off, nothing was stored.');
        if (character === '\r' || character === '\n') return typed;
        typed = character === '\u007f' ? typed.slice(0, -1) : typed + character;
      }
    }
    return typed;
  } finally {
    process.stdin.setRawMode(false);
    process.stdin.pause();
    process.stderr.write('\n');
  }
}

import type { Token } from '@molecule/contracts';
import { Command } from 'commander';
import { table } from '../output/table.ts';
import type { Context } from '../program.ts';

/** `molecule token …`. */
export function tokenCommand(run: (work: (context: Context) => Promise<void>) => Promise<void>): Command {
  const token = new Command('token').description('Tokens: list, create, revoke; sign-in link');

  token
    .command('list')
    .description('List the tokens')
    .action(() =>
      run(async ({ client, printer }) => {
        const items: Token[] = [];
        for await (const each of client.items<Token>('/api/v1/tokens')) items.push(each);
        printer.value(items);
        printer.line(
          table(
            ['NAME', 'KIND', 'STARTS WITH', 'LAST USED', 'STATE', 'ID'],
            items.map((each) => [each.name, each.kind, each.preview, each.lastUsedAt ?? '-', stateOf(each), each.id]),
          ),
        );
      }),
    );

  token
    .command('create')
    .argument('<name>')
    .description('Create a token; its value is shown once')
    .requiredOption('--scope <scope...>', 'what it may do, e.g. workspaces:read')
    .option('--expires-in <seconds>', 'life in seconds', Number)
    .action((name: string, options: { scope: string[]; expiresIn?: number }) =>
      run(async ({ client, printer }) => {
        const made = await client.call<Token & { value: string }>('POST', '/api/v1/tokens', {
          name,
          scopes: options.scope,
          expiresInSeconds: options.expiresIn,
        });
        printer.value(made);
        printer.line(made.value);
        printer.note('This is the only time that the value is shown.');
      }),
    );

  token
    .command('revoke')
    .argument('<id>')
    .description('Revoke a token at once')
    .action((id: string) =>
      run(async ({ client, printer }) => {
        const revoked = await client.call<Token>('DELETE', `/api/v1/tokens/${encodeURIComponent(id)}`);
        printer.value(revoked);
        printer.line(`${revoked.name} was revoked.`);
      }),
    );

  token
    .command('sign-in')
    .description('Make a one-time sign-in link')
    .action(() =>
      run(async ({ client, printer }) => {
        const made = await client.call<{ signInUrl: string }>('POST', '/api/v1/session/sign-in-link', {});
        printer.value(made);
        printer.line(made.signInUrl);
      }),
    );
  return token;
}

/** By the clock of this machine; the server decides by its own. */
function stateOf({ revokedAt, expiresAt }: Token): string {
  if (revokedAt !== null) return 'revoked';
  if (expiresAt === null) return 'live';
  return Date.parse(expiresAt) <= Date.now() ? 'expired' : `live until ${expiresAt}`;
}

import type { OrgDocument, OrgImported } from '@molecule/contracts';
import { Command } from 'commander';
import { inert, table } from '../output/table.ts';
import type { Context } from '../program.ts';
import { readGivenFile } from './given-file.ts';

/** `molecule org …`: the workspaces of an org as one file, and back. */
export function orgCommand(run: (work: (context: Context) => Promise<void>) => Promise<void>): Command {
  const org = new Command('org').description('The workspaces of the org as one file: export, import');

  org
    .command('export')
    .description('Print the workspaces with their exact plugins; no secret, and nothing of what they did')
    .action(() =>
      run(async ({ client, printer }) => {
        const document = await client.call<OrgDocument>('GET', '/api/v1/org/export');
        printer.value(document);
        printer.line(JSON.stringify(document, null, 2));
      }),
    );

  org
    .command('import')
    .argument('<file>', 'YAML or JSON')
    .description('Make all workspaces of a file, or none')
    .action((file: string) =>
      run(async ({ client, printer }) => {
        const { items } = await client.call<OrgImported>('POST', '/api/v1/org/import', await readGivenFile(file), {
          'content-type': 'application/yaml',
        });
        printer.value(items);
        printer.line(
          table(
            ['NAME', 'ID', 'REFUSED'],
            items.map(({ workspace, refused }) => [
              workspace.name,
              workspace.id,
              refused.map(({ source, code }) => `${inert(source)} (${code})`).join(', '),
            ]),
          ),
        );
      }),
    );
  return org;
}

import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { MoleculeError, PluginName } from '@molecule/contracts';
import type { Command } from 'commander';
import type { Printer } from '../../output/printer.ts';
import { inert } from '../../output/table.ts';
import { UsageError } from '../../output/usage-error.ts';
import { checkGivenFolder } from '../given-file.ts';

/** `plugin new` and `plugin validate`: they need no server. */
export function addAuthorCommands(plugin: Command, printer: () => Printer): void {
  plugin
    .command('new')
    .argument('<name>')
    .argument('[folder]')
    .description('Make a new plugin that works as it is')
    .action(async (name: string, folder: string | undefined) => {
      const out = printer();
      if (!PluginName.safeParse(name).success)
        throw new MoleculeError('plugin_manifest_invalid', {
          params: { plugin: name, detail: 'a name is lower case letters, digits, dots, dashes and underscores' },
        });
      const root = resolve(folder ?? name);
      if ((await readdir(root).catch(() => [])).length > 0) throw new UsageError(`The folder ${root} is not empty.`);
      const { newPlugin } = await import('@molecule/plugins');
      const files = newPlugin(name);
      for (const { path, content } of files) {
        await mkdir(dirname(join(root, path)), { recursive: true });
        await writeFile(join(root, path), content);
      }
      out.value({ folder: root, files: files.map(({ path }) => path) });
      out.line(`Made ${files.length} files in ${root}.\nNext: molecule plugin validate ${root}`);
    });

  plugin
    .command('validate')
    .argument('[folder]', 'folder of the plugin', '.')
    .description('Check a plugin as the server would, and name what is wrong')
    .action(async (folder: string) => {
      const out = printer();
      const root = resolve(folder);
      await checkGivenFolder(root);
      const { readTree, validatePlugin } = await import('@molecule/plugins');
      const { manifest, problems } = validatePlugin(await readTree(root, ['.git', 'node_modules']), `file:${root}`);
      const ok = !problems.some(({ severity }) => severity === 'error');
      out.value({ ok, name: manifest?.name ?? basename(root), problems, manifest });
      for (const { severity, file, message } of problems)
        out.line(`${severity === 'error' ? 'NO' : '--'} ${file === null ? '' : `${inert(file)}: `}${inert(message)}`);
      if (manifest !== null)
        out.line(
          `${ok ? 'ok' : 'NO'} ${manifest.name} ${manifest.version ?? ''}: ${manifest.servers.length} servers, ${manifest.skills.length} skills, ${manifest.instructions.length} instructions`,
        );
      if (!ok) process.exitCode = 1;
    });
}

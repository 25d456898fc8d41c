import { relative } from 'node:path';
import type { HomeOutcome } from '@molecule/adapters/home';
import type { Printer } from '../../output/printer.ts';
import { inert } from '../../output/table.ts';
import { unifiedDiff } from '../../output/unified-diff.ts';
import { type HomeOptions, homeFolder } from './home-options.ts';

/** Shows what was done, or would be. Exit code 1 when a file was refused. `absent` are sources that were to go and are not there. */
export async function showHomeOutcome(
  outcome: HomeOutcome,
  options: HomeOptions & { readonly dryRun?: boolean },
  printer: Printer,
  absent: readonly string[],
): Promise<void> {
  const home = homeFolder(options);
  const dryRun = options.dryRun === true;
  const files = outcome.files.map(({ path, before, after }) => ({
    path,
    action: before === null ? 'created' : after === null ? 'removed' : 'changed',
    diff: unifiedDiff(before, after, `~/${relative(home, path)}`),
  }));
  const notes = outcome.notes.filter(({ action }) => action !== 'unchanged' && action !== 'refused_corrupt');
  const { links, refused, keptPaths, written } = outcome;
  printer.value({ runtime: options.runtime, home, dryRun, written, files, links, notes, refused, keptPaths, absent });
  for (const { diff } of files) printer.line(inert(diff, true));
  for (const { path, target } of links) printer.line(target === null ? `unlink ${path}` : `link ${path} -> ${target}`);
  for (const { action, server, detail } of notes) {
    if (action === 'kept_theirs')
      printer.note(
        inert(
          `kept: ${server === null ? '' : `${server}: `}${detail}. It differs from the plugin and is not ours, so it stays.`,
        ),
      );
  }
  for (const path of keptPaths) printer.note(`kept: ${path} is not ours, so the skill is not linked there.`);
  for (const source of absent) printer.note(`${source} is not rendered here.`);
  for (const { path, reason, hint, snippet } of refused) {
    printer.note(
      inert(
        `Refused, nothing was written: ${path}\n${reason}\n${hint}${snippet === '' ? '' : `\nWhat was to be added:\n\n${snippet}`}`,
        true,
      ),
    );
  }
  if (refused.length > 0) process.exitCode = 1;
  else if (files.length === 0 && links.length === 0) printer.note('Nothing to change.');
  else
    printer.note(
      dryRun
        ? 'Dry run: nothing was written.'
        : `Written for ${options.runtime}. \`molecule plugin verify\` asks the runtime itself.`,
    );
}

import type { PluginDifference } from '@molecule/contracts';
import { inert } from '../../output/table.ts';

/** What a new version changes, a line each: `+` new, `-` gone, `~` different. */
export function differenceLines(difference: PluginDifference): string[] {
  const lines = (
    what: string,
    { added, removed }: { added: readonly string[]; removed: readonly string[] },
  ): string[] => [
    ...added.map((each) => `  + ${what} ${inert(each)}`),
    ...removed.map((each) => `  - ${what} ${inert(each)}`),
  ];
  const { version, servers, permissions, skills, files } = difference;
  return [
    ...(version.from === version.to
      ? []
      : [`  ~ version ${inert(version.from ?? 'none')} → ${inert(version.to ?? 'none')}`]),
    ...lines('server', servers),
    ...servers.changed.flatMap(({ name, what }) => what.map((each) => `  ~ server ${inert(name)} ${inert(each)}`)),
    ...lines('it', permissions),
    ...lines('skill', skills),
    ...(difference.instructionsChanged ? ['  ~ instructions'] : []),
    ...lines('file', files),
    ...files.changed.map((path) => `  ~ file ${inert(path)}`),
    ...(files.more > 0 ? [`  and ${files.more} more files`] : []),
  ];
}

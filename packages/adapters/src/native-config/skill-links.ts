import { join } from 'node:path';
import type { RenderOutcome } from '../contract/index.ts';

/** Names of the skill links that we made. */
export interface SkillLedger {
  readonly version: 1;
  readonly names: readonly string[];
}

/** One link for each wished skill, and the removal of those that we made and that are no longer wished. */
export function renderSkillLinks(
  folder: string,
  skills: readonly { readonly name: string; readonly path: string }[],
  ledger: SkillLedger | null,
): { readonly links: RenderOutcome['links']; readonly ledger: SkillLedger } {
  const wished = new Map(skills.filter(({ name }) => isPlainName(name)).map(({ name, path }) => [name, path]));
  const gone = (ledger?.names ?? []).filter((name) => isPlainName(name) && !wished.has(name));
  return {
    links: [
      ...gone.map((name) => ({ path: join(folder, name), target: null })),
      ...[...wished].map(([name, target]) => ({ path: join(folder, name), target })),
    ],
    ledger: { version: 1, names: [...wished.keys()].sort() },
  };
}

/** A name that cannot lead out of the folder. */
function isPlainName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !/[/\\\0]/.test(name);
}

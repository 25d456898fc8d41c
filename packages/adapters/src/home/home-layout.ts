import type { BoxLayout } from '../contract/index.ts';

/** A person's own home folder, seen as the place of a runtime's native files. Nothing of it is ours but what the ledger names. */
export function homeLayout(home: string): BoxLayout {
  return { root: home, home, work: home, run: `${home}/.molecule`, owner: 'person' };
}

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A skill as the prompt names it; its body is read on demand. */
export interface Skill {
  readonly name: string;
  readonly description: string;
  /** Absolute path of SKILL.md. */
  readonly path: string;
}

/** Finds `skills/<folder>/SKILL.md` below the agent's home, sorted by name. A folder without a readable SKILL.md is left out. */
export async function findSkills(home: string): Promise<readonly Skill[]> {
  const folder = join(home, 'skills');
  const names = await readdir(folder).catch((): string[] => []);
  const found = await Promise.all(
    names.map(async (name): Promise<Skill | null> => {
      const path = join(folder, name, 'SKILL.md');
      const text = await readFile(path, 'utf8').catch(() => null);
      return text === null
        ? null
        : { name: frontMatter(text, 'name') ?? name, description: frontMatter(text, 'description') ?? '', path };
    }),
  );
  return found.filter((skill) => skill !== null).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** One plain `key: value` of the block between the first two `---` lines; quotes around the value are dropped. */
function frontMatter(text: string, key: string): string | null {
  const block = /^\uFEFF?---\r?\n([\s\S]*?)\r?\n---/.exec(text)?.[1];
  const line = block?.split(/\r?\n/).find((candidate) => candidate.startsWith(`${key}:`));
  const value = line?.slice(key.length + 1).trim();
  return value === undefined || value === '' ? null : value.replace(/^(["'])(.*)\1$/, '$2');
}

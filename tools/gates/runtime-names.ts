/** Words that betray knowledge of one runtime, and the adapter folder where that knowledge lives. */
export const RUNTIME_FOLDERS: Readonly<Record<string, string>> = {
  claude: 'claude-code',
  codex: 'codex',
  gemini: 'gemini-cli',
  opencode: 'opencode',
  qwen: 'qwen-code',
  copilot: 'copilot-cli',
  hermes: 'hermes',
  openclaw: 'openclaw',
};

const WORDS = new RegExp(Object.keys(RUNTIME_FOLDERS).join('|'), 'gi');

/** A place outside an adapter where a runtime's word is right, and why. `path` is a file, or a folder when it ends in `/`. */
export interface AllowedNames {
  readonly path: string;
  readonly words: readonly string[];
  readonly reason: string;
}

function covers(entry: AllowedNames, path: string, word: string): boolean {
  const place = entry.path.endsWith('/') ? path.startsWith(entry.path) : path === entry.path;
  return place && entry.words.includes(word);
}

/**
 * The engine names no runtime (B66, B67): finds runtime words in the sources of all packages outside that runtime's adapter folder.
 * An entry of the allow-list that nothing needs any more is a violation as well, so that the list stays true.
 */
export function checkRuntimeNames(files: ReadonlyMap<string, string>, allowed: readonly AllowedNames[]): string[] {
  const violations: string[] = [];
  const used = new Set<string>();
  for (const [path, text] of files) {
    if (!/^packages\/[^/]+\/src\//.test(path)) continue;
    text.split('\n').forEach((line, index) => {
      const words = new Set((line.match(WORDS) ?? []).map((word) => word.toLowerCase()));
      for (const word of words) {
        if (path.startsWith(`packages/adapters/src/${RUNTIME_FOLDERS[word]}/`)) continue;
        const entry = allowed.find((candidate) => covers(candidate, path, word));
        if (entry === undefined) violations.push(`${path}:${index + 1}: names "${word}" outside its adapter`);
        else used.add(`${entry.path} ${word}`);
      }
    });
  }
  for (const { path, words, reason } of allowed) {
    if (reason.trim() === '') violations.push(`tools/runtime-names.json: ${path} gives no reason`);
    const unused = words.filter((word) => !used.has(`${path} ${word}`));
    if (unused.length > 0) violations.push(`tools/runtime-names.json: ${path} no longer needs ${unused.join(', ')}`);
  }
  return violations;
}

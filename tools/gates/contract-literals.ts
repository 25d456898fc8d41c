export interface ContractNames {
  /** Everything that may begin with the name of the management server. */
  readonly platform: readonly string[];
  readonly toolIds: readonly string[];
  readonly reasons: readonly string[];
  /** Variables that cross a process border. */
  readonly variables: readonly string[];
}

/** Names of the same family that are written out; a longer word around them is another word. */
const FAMILIES: readonly { readonly pattern: RegExp; readonly allowed: (names: ContractNames) => readonly string[] }[] =
  [
    {
      pattern: /(?<![\w-])(?:molecule-ai-plugin-)?molecule-platform(?:-[a-z]+)*(?![\w-])/g,
      allowed: ({ platform }) => platform,
    },
    { pattern: /\bmcp__(?:molecule-platform|a2a)__[a-z][a-z0-9_]*\b/g, allowed: ({ toolIds }) => toolIds },
    { pattern: /\bplatform_agent_mcp_[a-z_]+\b/g, allowed: ({ reasons }) => reasons },
    // Only those that look like the ones of the contract: other variables have owners of their own.
    { pattern: /\bMOLECULE_(?:API|ORG|MCP|WORKSPACE|PROOF)[A-Z_]*\b/g, allowed: ({ variables }) => variables },
  ];

/** Places where a literal belongs to the family of a contract's name and is none of them (B98, T45). */
export function disagreements(files: ReadonlyMap<string, string>, names: ContractNames): string[] {
  const found: string[] = [];
  for (const [path, text] of files) {
    for (const { pattern, allowed } of FAMILIES) {
      for (const match of text.matchAll(pattern)) {
        if (allowed(names).includes(match[0])) continue;
        found.push(`${path}:${text.slice(0, match.index).split('\n').length}: ${match[0]}`);
      }
    }
  }
  return found;
}

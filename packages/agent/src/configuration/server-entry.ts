import { expandReferences } from './expand-references.ts';

/** An MCP server of config.json, in the shape that most agents share. */
export type ServerEntry =
  | {
      readonly kind: 'stdio';
      readonly command: string;
      readonly args: readonly string[];
      readonly env: Readonly<Record<string, string>>;
      readonly required: boolean;
    }
  | {
      readonly kind: 'http';
      readonly url: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly required: boolean;
    };

/** Reads one entry as it stands in the file, references unexpanded; a string says what is wrong with it. */
export function parseServerEntry(value: unknown): ServerEntry | string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'The entry is not an object.';
  const entry = value as Readonly<Record<string, unknown>>; // narrowed to a plain object above
  const required = entry['required'] === true;
  if (typeof entry['url'] === 'string') {
    const headers = stringMap(entry['headers']);
    return headers === null
      ? 'headers is not a map of strings.'
      : { kind: 'http', url: entry['url'], headers, required };
  }
  if (typeof entry['command'] !== 'string' || entry['command'] === '') return 'The entry has neither command nor url.';
  const args = entry['args'] ?? [];
  if (!Array.isArray(args) || !args.every((item): item is string => typeof item === 'string'))
    return 'args is not a list of strings.';
  const env = stringMap(entry['env']);
  return env === null
    ? 'env is not a map of strings.'
    : { kind: 'stdio', command: entry['command'], args, env, required };
}

function stringMap(value: unknown): Record<string, string> | null {
  if (value === undefined) return {};
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const entries = Object.entries(value);
  return entries.every((pair): pair is [string, string] => typeof pair[1] === 'string')
    ? Object.fromEntries(entries)
    : null;
}

/** The entry with its references filled in from the environment; a string names the variables that are not set. */
export function expandServerEntry(
  entry: ServerEntry,
  env: Readonly<Record<string, string | undefined>>,
): ServerEntry | string {
  const missing = new Set<string>();
  const fill = (text: string): string => {
    const expansion = expandReferences(text, env);
    if (expansion.ok) return expansion.value;
    for (const name of expansion.missing) missing.add(name);
    return '';
  };
  const fillMap = (map: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(map).map(([key, value]) => [key, fill(value)]));
  const filled: ServerEntry =
    entry.kind === 'http'
      ? { ...entry, url: fill(entry.url), headers: fillMap(entry.headers) }
      : { ...entry, command: fill(entry.command), args: entry.args.map(fill), env: fillMap(entry.env) };
  return missing.size === 0
    ? filled
    : `The environment has no ${[...missing].join(', ')}, which the server's entry refers to.`;
}

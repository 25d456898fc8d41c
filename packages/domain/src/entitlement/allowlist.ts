import { type SourceHosts, sourceIdentity } from './source-identity.ts';

/** One line of an allowlist as people write it. */
export type AllowlistEntry =
  /** Anything of one publisher: `github:owner`, `gitea:owner`, `npm:@scope`, `builtin`, `file`, `git:host/owner`. */
  | { readonly publisher: string }
  /** One place, any ref: a plugin source. */
  | { readonly source: string }
  /** One exact content, wherever it comes from: `sha256:…`. */
  | { readonly digest: string };

/** The entry as a key that can be compared: what is stored. */
export function allowlistKey(entry: AllowlistEntry, hosts?: SourceHosts): string {
  if ('digest' in entry) return `digest=${entry.digest.trim().toLowerCase()}`;
  if ('source' in entry) return `source=${sourceIdentity(entry.source, hosts).place}`;
  const text = entry.publisher.trim().toLowerCase();
  if (/^(?:builtin|file|npm:.+|git:.+)$/.test(text)) return `publisher=${text}`;
  // `github:owner` has the form of a source without a repository.
  return `publisher=${sourceIdentity(`${text}/-`, hosts).publisher}`;
}

/** Keys under which a plugin can be allowed. Without a digest only publisher and source count. */
export function pluginKeys(
  plugin: { readonly source: string; readonly digest: string | null },
  hosts?: SourceHosts,
): readonly string[] {
  const { place, publisher } = sourceIdentity(plugin.source, hosts);
  return [`publisher=${publisher}`, `source=${place}`, ...(plugin.digest === null ? [] : [`digest=${plugin.digest}`])];
}

/**
 * Whether a plugin passes every list from the org down to the workspace. A list can only tighten those above it; a level without a list does not count; an
 * empty list lets nothing pass.
 * @param lists stored keys of each level that has a list; null = a list that could not be read, which lets nothing pass
 */
export function isAllowed(keys: readonly string[], lists: readonly (readonly string[] | null)[]): boolean {
  return lists.every((list) => list?.some((key) => keys.includes(key)) === true);
}

import {
  ENV,
  MANAGEMENT_LAUNCHER,
  MANAGEMENT_SERVER_NAME,
  type PluginManifest,
  type WorkspaceKind,
} from '@molecule/contracts';
import { foldName, type SourceHosts, sourceIdentity } from './source-identity.ts';

/** An entry of the plugin catalogue. Privilege is an attribute of the entry, not of a name somebody types (I4). */
export interface CatalogueEntry {
  readonly name: string;
  readonly privileged: boolean;
  readonly sources: readonly string[];
  readonly digests: readonly string[];
}

/** What is known of a plugin when it is declared or installed. */
export interface PluginIdentity {
  readonly name: string;
  readonly source: string;
  /** Tree digest once it is resolved; null before. */
  readonly digest: string | null;
  /** What the package says of itself, once it is fetched. */
  readonly manifest?: Pick<PluginManifest, 'name' | 'entitlement' | 'servers'> | undefined;
}

/**
 * Whether a plugin is privileged: by name, by source, by content, or by what it would do, whatever it is called and wherever it comes from (B29, T13): a renamed
 * fork still brings the management server. Needs no query, so that an ordinary plugin costs none (B25).
 */
export function isPrivileged(
  plugin: PluginIdentity,
  catalogue: readonly CatalogueEntry[],
  hosts?: SourceHosts,
): boolean {
  const { place, lastName } = sourceIdentity(plugin.source, hosts);
  const names = new Set([
    foldName(plugin.name),
    lastName,
    ...(plugin.manifest === undefined ? [] : [foldName(plugin.manifest.name)]),
  ]);
  const known = catalogue.some(
    (entry) =>
      entry.privileged &&
      (names.has(foldName(entry.name)) ||
        entry.sources.some((each) => sourceIdentity(each, hosts).place === place) ||
        (plugin.digest !== null && entry.digests.includes(plugin.digest))),
  );
  return known || (plugin.manifest !== undefined && managesOrg(plugin.manifest));
}

/** A manifest that asks for the guard, takes the management server's name, or refers to the credential that only the concierge has (T40). */
function managesOrg(manifest: Pick<PluginManifest, 'entitlement' | 'servers'>): boolean {
  if (manifest.entitlement === 'privileged') return true;
  return manifest.servers.some(({ name, descriptor }) => {
    if (foldName(name) === MANAGEMENT_SERVER_NAME) return true;
    const values =
      descriptor.type === 'http'
        ? [descriptor.url, ...Object.values(descriptor.headers)]
        : [descriptor.command, ...descriptor.args, ...Object.values(descriptor.env)];
    if (values.some((value) => value.includes(ENV.orgApiKey))) return true;
    return (
      descriptor.type === 'stdio' &&
      descriptor.command.split('/').at(-1) === MANAGEMENT_LAUNCHER &&
      descriptor.env[ENV.mcpMode] === 'management'
    );
  });
}

/** The one rule of entitlement: a privileged plugin only on the org root with `kind=platform` (B23, B24, B28). */
export function mayHave(kind: WorkspaceKind, privileged: boolean): boolean {
  return !privileged || kind === 'platform';
}

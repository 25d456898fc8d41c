import { MANAGEMENT_SERVER_NAME, type PluginManifest, type WorkspaceKind } from '@molecule/contracts';
import { mayHave } from '../entitlement/entitlement.ts';

/** A plugin as it is stored or built in. Without an artifact it was not fetched yet. */
export interface SetMember<A extends SetArtifact = SetArtifact> {
  readonly name: string;
  readonly source: string;
  readonly artifact: A | null;
}

export interface SetArtifact {
  readonly digest: string;
  readonly manifest: PluginManifest;
  readonly privileged: boolean;
}

export interface DesiredPlugin<A extends SetArtifact = SetArtifact> {
  /** Install destination: the package's own name (B62). */
  readonly name: string;
  readonly source: string;
  readonly origin: 'protected' | 'declared' | 'installed';
  readonly artifact: A;
}

export interface PluginSet<A extends SetArtifact = SetArtifact> {
  /** In the order of their names. */
  readonly plugins: readonly DesiredPlugin<A>[];
  /** Servers in the order of plugins, each name once. */
  readonly servers: readonly { readonly plugin: string; readonly server: PluginManifest['servers'][number] }[];
  /** Servers that give way to one of the same name. */
  readonly shadowed: readonly { readonly plugin: string; readonly server: string; readonly by: string }[];
}

const RANK = { protected: 0, installed: 1, declared: 2 } as const;

/**
 * The plugins that a workspace shall have: protected ∪ declared ∪ installed, one for each destination (B46, B52, B62, I42). A pure function: the order of
 * rows and of fetches does not count, and what could not be fetched is simply not in it, so that it starves nothing else (B50).
 *
 * A protected one always wins (B54), then an installed one over a declared one. Privileged plugins and the management server exist on the
 * concierge alone, whatever is stored (B40).
 */
export function desiredPlugins<A extends SetArtifact>(input: {
  readonly kind: WorkspaceKind;
  readonly protected: readonly SetMember<A>[];
  readonly declared: readonly SetMember<A>[];
  readonly installed: readonly SetMember<A>[];
}): PluginSet<A> {
  const all = (['protected', 'installed', 'declared'] as const).flatMap((origin) =>
    input[origin].flatMap(({ name, source, artifact }) =>
      artifact === null || source === ''
        ? []
        : [{ row: name, name: artifact.manifest.name as string, source, origin, artifact }],
    ),
  );
  const allowed = all.filter(({ artifact }) =>
    mayHave(input.kind, artifact.privileged || artifact.manifest.entitlement === 'privileged'),
  );
  const ranked = allowed.sort(
    (a, b) => RANK[a.origin] - RANK[b.origin] || order(a.row, b.row) || order(a.artifact.digest, b.artifact.digest),
  );
  const byDestination = new Map<string, DesiredPlugin<A>>();
  for (const { name, source, origin, artifact } of ranked)
    if (!byDestination.has(name)) byDestination.set(name, { name, source, origin, artifact });
  const plugins = [...byDestination.values()].sort((a, b) => order(a.name, b.name));
  return { plugins, ...serversOf(plugins, input.kind) };
}

function serversOf(plugins: readonly DesiredPlugin[], kind: WorkspaceKind): Pick<PluginSet, 'servers' | 'shadowed'> {
  const owners = new Map<string, string>();
  const shadowed: { plugin: string; server: string; by: string }[] = [];
  const kept = new Set<PluginManifest['servers'][number]>();
  for (const plugin of [...plugins].sort((a, b) => RANK[a.origin] - RANK[b.origin] || order(a.name, b.name))) {
    for (const server of plugin.artifact.manifest.servers) {
      if (kind !== 'platform' && nativeName(server.name) === nativeName(MANAGEMENT_SERVER_NAME)) continue;
      const owner = owners.get(nativeName(server.name));
      if (owner !== undefined) {
        shadowed.push({ plugin: plugin.name, server: server.name, by: owner });
        continue;
      }
      owners.set(nativeName(server.name), plugin.name);
      kept.add(server);
    }
  }
  const servers = plugins.flatMap((plugin) =>
    plugin.artifact.manifest.servers
      .filter((server) => kept.has(server))
      .map((server) => ({ plugin: plugin.name, server })),
  );
  return { servers, shadowed };
}

/** Runtimes write server names into tool names with these characters only; two names that fall together there cannot live side by side. */
function nativeName(name: string): string {
  return name.replace(/[^A-Za-z0-9_-]/g, '_').toLowerCase();
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

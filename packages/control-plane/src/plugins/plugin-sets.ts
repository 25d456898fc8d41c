import type { WorkspaceKind } from '@molecule/contracts';
import { desiredPlugins, type PluginSet, protectedPlugins, type SetMember } from '@molecule/domain';
import {
  type Executor,
  listToolPins,
  type StoredArtifact,
  type ToolPin,
  type WantedPlugins,
  wantedPlugins,
} from '@molecule/store';
import type { BuiltinCatalogue } from './builtin-catalogue.ts';

export interface WorkspacePlugins {
  readonly set: PluginSet<StoredArtifact>;
  readonly wanted: WantedPlugins;
  /** Of the artifacts that the set has, by server name. */
  readonly pins: ReadonlyMap<string, ToolPin>;
}

/** The plugins of a workspace as rows and built-in packages make them; the one place where both come together. */
export class PluginSets {
  readonly #builtins: BuiltinCatalogue;

  constructor(builtins: BuiltinCatalogue) {
    this.#builtins = builtins;
  }

  async read(
    db: Executor,
    workspace: { readonly id: string; readonly kind: WorkspaceKind },
  ): Promise<WorkspacePlugins> {
    const wanted = await wantedPlugins(db, workspace.id);
    const set = this.compute(workspace.kind, wanted);
    const isOfSet = (pin: ToolPin): boolean =>
      set.servers.some(({ plugin, server }) => plugin === pin.plugin && server.name === pin.server) &&
      set.plugins.some(({ name, artifact }) => name === pin.plugin && artifact.digest === pin.digest);
    const pins = (await listToolPins(db, workspace.id)).filter(isOfSet);
    return { wanted, set, pins: new Map(pins.map((pin) => [pin.server, pin])) };
  }

  /** Pure: rows in, set out. */
  compute(kind: WorkspaceKind, wanted: WantedPlugins): PluginSet<StoredArtifact> {
    const { declared, installed, held } = wanted;
    return desiredPlugins({ kind, protected: this.#protected(kind, held), declared, installed });
  }

  isProtected(kind: WorkspaceKind, name: string): boolean {
    return protectedPlugins(kind).includes(name);
  }

  /** Digest of the version of a first-party plugin that this Molecule brings; null when it has none of that name. */
  currentDigest(name: string): string | null {
    return this.#builtins.find(name)?.digest ?? null;
  }

  /**
   * As this version brings them, or, while a rollout goes on, as an earlier one brought them; nothing else that is stored can replace them (B52, B54). A held
   * row of another plugin's artifact counts for nothing.
   */
  #protected(kind: WorkspaceKind, held: WantedPlugins['held']): readonly SetMember<StoredArtifact>[] {
    return protectedPlugins(kind).map((name) => {
      const kept = held.find((each) => each.name === name)?.artifact;
      if (kept?.manifest.name === name) return { name, source: `builtin:${name}`, artifact: kept };
      const { source, digest, manifest, sizeBytes, files } = this.#builtins.resolve(name);
      return {
        name,
        source,
        artifact: {
          digest,
          manifest,
          privileged: manifest.entitlement === 'privileged',
          sizeBytes,
          fileCount: files.length,
        },
      };
    });
  }
}

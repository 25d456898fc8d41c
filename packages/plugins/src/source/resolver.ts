import { MoleculeError, type PluginManifest } from '@molecule/contracts';
import { formatPluginSource, type PluginSource, parsePluginSource } from '@molecule/domain';
import type { ArtifactStore } from '../artifact/artifact-store.ts';
import type { TreeFile } from '../artifact/tree-digest.ts';
import { parseManifest } from '../manifest/parse-manifest.ts';
import { fetchFailed } from './fetch-failure.ts';
import type { FetchedPackage, FetchInput } from './fetched-package.ts';
import { fetchFolder } from './file-source.ts';
import { fetchGit, type GitPlace } from './git/git-source.ts';
import { fetchNpm } from './npm/npm-source.ts';
import type { SourceSettings } from './source-settings.ts';

/** A source that was resolved once: exact commit or version, content by digest, manifest in normal form. */
export interface ResolvedPlugin {
  /** As it was asked for, in its one spelling. */
  readonly source: string;
  /** With the exact commit or version. */
  readonly resolved: string;
  readonly digest: string;
  readonly manifest: PluginManifest;
  readonly sizeBytes: number;
  readonly fileCount: number;
  readonly integrity: string | null;
  /** Milliseconds in git, or on the wire. */
  readonly foreignMs: number;
}

export interface PluginResolver {
  /**
   * Fetches, checks, reads the manifest and keeps the content as an artifact. Bounded in time whatever the source does; several that ask for the same at the same
   * time share one fetch.
   * @throws MoleculeError `plugin_source_invalid`, `plugin_fetch_failed`, `plugin_limit_exceeded`, `plugin_manifest_invalid`
   */
  resolve(source: string, signal?: AbortSignal): Promise<ResolvedPlugin>;
}

export interface ResolverOptions {
  readonly settings: SourceSettings;
  readonly store: ArtifactStore;
  /** Files of a first-party plugin; null when this version has none of that name. */
  readonly builtin: (name: string) => readonly TreeFile[] | null;
}

export function pluginResolver(options: ResolverOptions): PluginResolver {
  const running = new Map<string, Promise<ResolvedPlugin>>();
  return {
    resolve: async (text, signal) => {
      const source = parsePluginSource(text);
      const key = formatPluginSource(source);
      const work = running.get(key) ?? bounded(key, source, options).finally(() => running.delete(key));
      running.set(key, work);
      return signal === undefined
        ? work
        : Promise.race([
            work,
            new Promise<never>((_, reject) => {
              signal.addEventListener('abort', () => reject(signal.reason), { once: true });
            }),
          ]);
    },
  };
}

async function bounded(key: string, source: PluginSource, options: ResolverOptions): Promise<ResolvedPlugin> {
  const { settings, store } = options;
  const signal = AbortSignal.timeout(settings.timeoutMs);
  const input: FetchInput = { label: key, settings, signal };
  try {
    const fetched = await fetchFrom(source, input, options);
    const manifest = parseManifest(fetched.files, key);
    const { digest, sizeBytes } = await store.put(fetched.files);
    return {
      source: key,
      resolved: fetched.resolved,
      digest,
      manifest,
      sizeBytes,
      fileCount: fetched.files.length,
      integrity: fetched.integrity,
      foreignMs: fetched.foreignMs,
    };
  } catch (error) {
    if (error instanceof MoleculeError) throw error;
    if (signal.aborted)
      throw fetchFailed(key, 'timeout', `it was not there after ${Math.round(settings.timeoutMs / 1000)} s`, error);
    throw fetchFailed(key, 'failed', error instanceof Error ? error.message : String(error), error);
  }
}

async function fetchFrom(
  source: PluginSource,
  input: FetchInput,
  { builtin, settings }: ResolverOptions,
): Promise<FetchedPackage> {
  switch (source.scheme) {
    case 'builtin': {
      const files = builtin(source.name);
      if (files === null)
        throw new MoleculeError('plugin_source_invalid', {
          params: { source: input.label, detail: 'there is no first-party plugin of that name' },
        });
      return { resolved: input.label, files, integrity: null, foreignMs: 0 };
    }
    case 'npm':
      return fetchNpm(source, input);
    case 'file':
      return fetchFolder(source.path, input);
    default:
      return fetchGit(gitPlace(source, settings), input);
  }
}

function gitPlace(
  source: Extract<PluginSource, { scheme: 'git' | 'github' | 'gitea' }>,
  settings: SourceSettings,
): GitPlace {
  const pinned = (commit: string): string => formatPluginSource({ ...source, ref: commit });
  const { ref, subdir } = source;
  if (source.scheme === 'git') return { url: source.url, ref, subdir, isTrusted: false, pinned };
  const base = source.scheme === 'github' ? settings.githubUrl : settings.giteaUrl;
  if (base === null)
    throw new MoleculeError('plugin_source_invalid', {
      params: {
        source: formatPluginSource(source),
        detail: 'no base for gitea:// is configured; set MOLECULE_GITEA_URL',
      },
    });
  return { url: `${base}/${source.owner}/${source.repo}.git`, ref, subdir, isTrusted: true, pinned };
}

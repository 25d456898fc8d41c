import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { BoxLayout } from '@molecule/adapters';
import type { DesiredArtifact } from '@molecule/contracts';
import type { ArtifactCache } from '../artifacts/artifact-cache.ts';
import type { ControlPlaneClient } from '../client/control-plane-client.ts';
import { replaceFile } from '../files/durable-file.ts';
import type { BootJournal } from './boot-journal.ts';

export interface Delivery {
  /** Plugin → folder with its files: the wanted version, or the last one that worked. */
  readonly folders: Readonly<Record<string, string>>;
  /** Plugin → whether the wanted version is the one that is here. */
  readonly outcomes: Readonly<
    Record<string, { readonly digest: string; readonly ok: boolean; readonly reason: string | null }>
  >;
  readonly skills: readonly { readonly name: string; readonly path: string }[];
}

interface InstalledPlugin {
  readonly digest: string;
  readonly skills: readonly string[];
}

/**
 * Brings the plugins of a box here. Every plugin is fetched for itself: one that fails keeps its last good version and holds up none of the others
 * (B50, B60). The set that is in use is switched by one rename, when all attempts are over.
 */
export async function deliverPlugins(input: {
  readonly artifacts: readonly DesiredArtifact[];
  readonly cache: ArtifactCache;
  readonly client: ControlPlaneClient;
  readonly apiKey: string;
  readonly layout: BoxLayout;
  readonly journal: BootJournal;
}): Promise<Delivery> {
  const { cache, client, apiKey, layout, journal } = input;
  const before = readInstalled(layout);
  const installed: Record<string, InstalledPlugin> = {};
  const outcomes: Record<string, { digest: string; ok: boolean; reason: string | null }> = {};
  const folders: Record<string, string> = {};
  await Promise.all(
    input.artifacts.map(async (artifact) => {
      const { plugin, digest, skills } = artifact;
      const fetch = (wanted: string) =>
        client.open({
          method: 'GET',
          path: `/api/v1/artifacts/${encodeURIComponent(wanted)}`,
          token: apiKey,
          accept: 'application/x-tar',
          isLong: false,
        });
      try {
        folders[plugin] = await journal.step(
          'artifact',
          () => cache.ensure(artifact, fetch),
          () => ({ message: plugin, detail: { plugin, digest } }),
        );
        installed[plugin] = { digest, skills };
        outcomes[plugin] = { digest, ok: true, reason: null };
      } catch {
        // The step above recorded why.
        const last = before[plugin];
        const folder = last === undefined ? null : cache.find(last.digest);
        outcomes[plugin] = {
          digest,
          ok: false,
          reason: folder === null ? 'fetch_failed' : 'fetch_failed_last_good_kept',
        };
        if (last === undefined || folder === null) return;
        folders[plugin] = folder;
        installed[plugin] = last;
        journal.add({
          step: 'artifact.last_good',
          ok: true,
          durationMs: null,
          code: null,
          message: `${plugin} stays at its last good version`,
          nextStep: null,
          detail: { plugin, digest: last.digest, wanted: digest },
        });
      }
    }),
  );
  if (JSON.stringify(before) !== JSON.stringify(installed))
    replaceFile(installedPath(layout), JSON.stringify(installed));
  const skills = Object.entries(installed)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([plugin, { skills: names }]) =>
      names
        .map((name) => ({ name: basename(name), path: join(folders[plugin] ?? '', name) }))
        .filter(({ path }) => existsSync(path)),
    );
  return { folders, outcomes, skills };
}

function installedPath(layout: BoxLayout): string {
  return join(layout.run, 'plugins.json');
}

function readInstalled(layout: BoxLayout): Record<string, InstalledPlugin> {
  try {
    // Written above and by nobody else.
    return JSON.parse(readFileSync(installedPath(layout), 'utf8')) as Record<string, InstalledPlugin>;
  } catch {
    return {};
  }
}

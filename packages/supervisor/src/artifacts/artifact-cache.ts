import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type DesiredArtifact, MoleculeError } from '@molecule/contracts';
import { extract } from 'tar';

/** Unpacked plugin packages on this machine, by digest. */
export interface ArtifactCache {
  /** Folder of the artifact, fetched if it is not here. @throws MoleculeError `plugin_fetch_failed`, or ControlPlaneUnavailable. */
  ensure(
    artifact: Pick<DesiredArtifact, 'plugin' | 'digest'>,
    fetch: (digest: string) => Promise<Readable>,
  ): Promise<string>;
  /** Folder of an artifact that is here already, else null. */
  find(digest: string): string | null;
}

const MOST_ENTRIES = 20_000;
const LARGEST_ARTIFACT_BYTES = 512 * 1024 * 1024;

/**
 * Content-addressed folder of artifacts, shared by all boxes of the host. A name appears by rename, when the content is whole and its digest was
 * checked; a folder is never changed afterwards, so it needs no lock. A crash leaves a `.partial` folder, which the next start removes.
 * @param digestOf computes the canonical digest (`sha256:…`) of an unpacked tree.
 */
export function artifactCache(folder: string, digestOf: (folder: string) => Promise<string>): ArtifactCache {
  const running = new Map<string, Promise<string>>();
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  for (const name of readdirSync(folder))
    if (name.endsWith('.partial')) rmSync(join(folder, name), { recursive: true, force: true });
  const placeOf = (digest: string) => join(folder, digest.replace(':', '-'));
  const find = (digest: string) => (existsSync(placeOf(digest)) ? placeOf(digest) : null);
  return {
    find,
    ensure: async ({ plugin, digest }, fetch) => {
      const present = find(digest);
      if (present !== null) return present;
      const work =
        running.get(digest) ??
        fetchInto(placeOf(digest), plugin, digest, fetch, digestOf).finally(() => running.delete(digest));
      running.set(digest, work);
      return work;
    },
  };
}

async function fetchInto(
  place: string,
  plugin: string,
  digest: string,
  fetch: (digest: string) => Promise<Readable>,
  digestOf: (folder: string) => Promise<string>,
): Promise<string> {
  const partial = `${place}.${randomBytes(4).toString('hex')}.partial`;
  mkdirSync(partial, { mode: 0o755 });
  try {
    let entries = 0;
    let bytes = 0;
    const unpack = extract({
      cwd: partial,
      strict: true,
      preserveOwner: false,
      // Links have no place in an artifact: they are the classic way out of the folder.
      filter: (_path, entry) => {
        entries += 1;
        bytes += entry.size ?? 0;
        if (entries > MOST_ENTRIES || bytes > LARGEST_ARTIFACT_BYTES) throw new Error('the package is over a limit');
        return 'type' in entry ? entry.type === 'File' || entry.type === 'Directory' : true;
      },
    });
    await pipeline(await fetch(digest), unpack);
    const found = await digestOf(partial);
    if (found !== digest)
      throw new MoleculeError('plugin_fetch_failed', {
        params: {
          plugin,
          detail: `its digest is ${found} and not ${digest}`,
          nextStep: 'The server has a damaged copy.',
        },
      });
    if (existsSync(place)) rmSync(partial, { recursive: true, force: true });
    else renameSync(partial, place);
    return place;
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    throw error;
  }
}

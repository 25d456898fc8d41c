import { createHash } from 'node:crypto';
import { MoleculeError } from '@molecule/contracts';
import { z } from 'zod';
import { readTarGz } from '../../artifact/read-tar.ts';
import { fetchFailed } from '../fetch-failure.ts';
import type { FetchedPackage, FetchInput } from '../fetched-package.ts';
import { npmRegistryOf } from './npm-configuration.ts';
import { webRequest } from './web-request.ts';

const Packument = z.object({
  'dist-tags': z.record(z.string(), z.string()).default({}),
  versions: z.record(
    z.string(),
    z.object({ dist: z.object({ tarball: z.url(), integrity: z.string().optional(), shasum: z.string().optional() }) }),
  ),
});
const PACKUMENT_BYTES = 32 * 1024 * 1024;
const STRENGTH = ['sha512', 'sha384', 'sha256'];

/**
 * Fetches one version of an npm package: no dependency is installed and no script is run. The archive is checked against what the registry published before any of
 * it is used.
 * @throws MoleculeError `plugin_fetch_failed` with a reason, `plugin_limit_exceeded`
 */
export async function fetchNpm(
  source: { readonly name: string; readonly version: string | null },
  input: FetchInput,
): Promise<FetchedPackage> {
  const { label, settings, signal } = input;
  const startedAt = performance.now();
  const registry = await npmRegistryOf(source.name, settings);
  if (registry === null) throw fetchFailed(label, 'not_configured', 'this machine names no npm registry');
  const common = {
    label,
    signal,
    trustedOrigin: new URL(registry.url).origin,
    allowPrivateAddresses: settings.allowPrivateAddresses,
    authorization: registry.authorization,
  };
  const packument = await readPackument(
    await webRequest({
      ...common,
      url: `${registry.url}/${source.name.replace('/', '%2f')}`,
      accept: 'application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8',
    }),
    label,
  );
  const wanted = source.version ?? 'latest';
  const version = Object.hasOwn(packument.versions, wanted)
    ? wanted
    : Object.hasOwn(packument['dist-tags'], wanted)
      ? packument['dist-tags'][wanted]
      : undefined;
  const dist =
    version === undefined || !Object.hasOwn(packument.versions, version)
      ? undefined
      : packument.versions[version]?.dist;
  if (version === undefined || dist === undefined)
    throw fetchFailed(label, 'version_not_found', `${source.name} has no version ${wanted}`);
  const expected = expectedHash(dist);
  if (expected === null) throw fetchFailed(label, 'integrity', 'the registry publishes no checksum for it');
  const hash = createHash(expected.algorithm);
  const packed = await webRequest({ ...common, url: dist.tarball, accept: 'application/octet-stream' });
  const files = await readTarGz(hashing(packed, hash), { plugin: label, limits: settings.limits, strip: 1 });
  const found = hash.digest('base64');
  if (found !== expected.base64) throw fetchFailed(label, 'integrity', 'the archive is not the one that was published');
  return {
    resolved: `npm:${source.name}@${version}`,
    files,
    integrity: `${expected.algorithm}-${found}`,
    foreignMs: performance.now() - startedAt,
  };
}

async function* hashing(packed: AsyncIterable<Buffer>, hash: ReturnType<typeof createHash>): AsyncGenerator<Buffer> {
  for await (const chunk of packed) {
    hash.update(chunk);
    yield chunk;
  }
}

async function readPackument(stream: AsyncIterable<Buffer>, label: string): Promise<z.infer<typeof Packument>> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.length;
    if (length > PACKUMENT_BYTES)
      throw new MoleculeError('plugin_limit_exceeded', {
        params: { plugin: label, detail: 'the answer of the registry is too long' },
      });
    chunks.push(chunk);
  }
  try {
    return Packument.parse(JSON.parse(Buffer.concat(chunks).toString('utf8')));
  } catch (error) {
    throw fetchFailed(label, 'refused', 'the registry did not answer with a package document', error);
  }
}

/** The strongest published checksum. */
function expectedHash(dist: {
  readonly integrity?: string | undefined;
  readonly shasum?: string | undefined;
}): { readonly algorithm: string; readonly base64: string } | null {
  const published = (dist.integrity ?? '')
    .split(/\s+/)
    .map((part) => /^(sha\d+)-([A-Za-z0-9+/]+=*)/.exec(part))
    .flatMap((match) =>
      match?.[1] === undefined || match[2] === undefined ? [] : [{ algorithm: match[1], base64: match[2] }],
    );
  for (const algorithm of STRENGTH) {
    const found = published.find((each) => each.algorithm === algorithm);
    if (found !== undefined) return found;
  }
  return /^[0-9a-f]{40}$/.test(dist.shasum ?? '')
    ? { algorithm: 'sha1', base64: Buffer.from(dist.shasum ?? '', 'hex').toString('base64') }
    : null;
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MoleculeError } from '@molecule/contracts';
import { AddressRefused, publicAddresses } from '../address-guard.ts';
import { fetchFailed } from '../fetch-failure.ts';
import type { FetchedPackage, FetchInput } from '../fetched-package.ts';
import { credentialHelper, findGitCredential } from './git-credentials.ts';
import { gitFailure, gitReason } from './git-failure.ts';
import { type GitOutput, gitEnvironment, runGit } from './git-process.ts';
import { admitGitTree, filesOfBatch } from './git-tree.ts';

export interface GitPlace {
  readonly url: string;
  readonly ref: string | null;
  readonly subdir: string | null;
  /** The base comes from the operator's configuration, so it may be inside their network. */
  readonly isTrusted: boolean;
  /** The source with this commit in place of its ref. */
  readonly pinned: (commit: string) => string;
}

const COMMIT = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;
const LISTING_BYTES = 8 * 1024 * 1024;
/** What every fetch is told: no redirects, no hooks, one pack, nothing in the background. */
const SETTINGS = [
  'protocol.version=2',
  'http.followRedirects=false',
  'credential.helper=',
  'core.hooksPath=/dev/null',
  'core.symlinks=false',
  'fetch.unpackLimit=1',
  'transfer.fsckObjects=true',
  'gc.auto=0',
  'maintenance.auto=false',
  'submodule.recurse=false',
];

/**
 * Fetches one commit of a repository, shallow, into a folder that is gone afterwards (B60): anonymous first, the machine's credential only when the server answers
 * 401 (I45), no question to anybody, one bound on everything. Nothing of the repository is ever checked out or run.
 * @throws MoleculeError `plugin_fetch_failed` with a reason, `plugin_limit_exceeded`
 */
export async function fetchGit(place: GitPlace, input: FetchInput): Promise<FetchedPackage> {
  const { label, settings, signal } = input;
  const folder = await mkdtemp(join(tmpdir(), 'molecule-fetch-'));
  const startedAt = performance.now();
  try {
    const env = gitEnvironment(folder, settings.env, settings.allowPrivateAddresses || place.isTrusted);
    const git = async (
      args: readonly string[],
      more: { stdin?: string; outputBytes?: number; env?: Record<string, string> } = {},
    ): Promise<GitOutput> => {
      const output = await runGit({
        args,
        cwd: folder,
        env: { ...env, ...more.env },
        signal,
        fileBytes: settings.limits.packedBytes,
        outputBytes: more.outputBytes ?? LISTING_BYTES,
        ...(more.stdin === undefined ? {} : { stdin: more.stdin }),
      });
      signal.throwIfAborted();
      if (output.isOverOutput)
        throw new MoleculeError('plugin_limit_exceeded', {
          params: { plugin: label, detail: 'its listing is too long' },
        });
      return output;
    };
    must(await git(['init', '--quiet', '--bare', '--template=', '.']), label);
    await fetchCommit(place, input, git);
    const commit = must(await git(['rev-parse', '--verify', '--end-of-options', 'FETCH_HEAD^{commit}']), label)
      .stdout.toString('latin1')
      .trim();
    // A ref that is a commit must be that very commit: a server that gives another is not believed.
    if (!COMMIT.test(commit) || (place.ref !== null && COMMIT.test(place.ref) && place.ref !== commit))
      throw fetchFailed(label, 'digest', `the server gave another commit than ${place.ref}`);
    const listing = await git([
      'ls-tree',
      '-r',
      '-z',
      '-l',
      '--full-tree',
      place.subdir === null ? commit : `${commit}:${place.subdir}`,
    ]);
    if (listing.code !== 0)
      throw place.subdir === null
        ? gitFailure(label, listing)
        : fetchFailed(label, 'folder_not_found', `the commit has no folder ${place.subdir}`);
    const entries = admitGitTree(listing.stdout, label, settings.limits);
    const batch = must(
      await git(['cat-file', '--batch'], {
        stdin: entries.map(({ object }) => `${object}\n`).join(''),
        outputBytes: settings.limits.totalBytes + settings.limits.files * 100,
      }),
      label,
    );
    const files = filesOfBatch(batch.stdout, entries, label);
    return { resolved: place.pinned(commit), files, integrity: commit, foreignMs: performance.now() - startedAt };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

type Git = (args: readonly string[], more?: { env?: Record<string, string> }) => Promise<GitOutput>;

async function fetchCommit(place: GitPlace, { label, settings }: FetchInput, git: Git): Promise<void> {
  const pins = await pinnedAddress(place, label, settings.allowPrivateAddresses);
  const command = [...SETTINGS, ...pins].flatMap((setting) => ['-c', setting]);
  const fetch = [
    'fetch',
    '--quiet',
    '--depth=1',
    '--no-tags',
    '--no-recurse-submodules',
    '--',
    place.url,
    place.ref ?? 'HEAD',
  ];
  const anonymous = await git([...command, ...fetch]);
  if (anonymous.code === 0) return;
  if (isCutOff(anonymous)) {
    throw new MoleculeError('plugin_limit_exceeded', {
      params: { plugin: label, detail: `its pack is larger than ${settings.limits.packedBytes} bytes` },
    });
  }
  if (gitReason(anonymous) !== 'credential_needed') throw gitFailure(label, anonymous);
  const credential = await findGitCredential(settings.gitCredentialsFile, place.url);
  if (credential === null)
    throw fetchFailed(
      label,
      'credential_needed',
      `${new URL(place.url).host} asks for a credential and the server has none for it`,
    );
  const helper = credentialHelper(new URL(place.url).origin, credential);
  const authorized = await git([...command, ...helper.args, ...fetch], { env: helper.env });
  if (authorized.code === 0) return;
  const failure = gitFailure(label, authorized);
  throw gitReason(authorized) === 'credential_needed'
    ? fetchFailed(label, 'credential_refused', failure.message)
    : failure;
}

/** The system ended the writing of the pack: git then only says that the pack is no good, without a word about the connection or an object. */
function isCutOff({ killedBy, stderr }: GitOutput): boolean {
  return (
    killedBy === 'SIGXFSZ' ||
    /signal 25|file too large/i.test(stderr) ||
    (/invalid index-pack output/.test(stderr) && !/early EOF|disconnect|hung up|object/.test(stderr))
  );
}

/** For an address that somebody gave: refuses internal ones, and ties git to the addresses that were looked at. */
async function pinnedAddress(place: GitPlace, label: string, allowPrivate: boolean): Promise<readonly string[]> {
  if (place.isTrusted || allowPrivate) return [];
  const url = new URL(place.url);
  if (url.protocol !== 'https:') throw fetchFailed(label, 'address_refused', 'a source is reached over https');
  try {
    const [first] = await publicAddresses(url.hostname);
    return first === undefined
      ? []
      : [
          `http.curloptResolve=${url.hostname}:${url.port === '' ? 443 : url.port}:${first.family === 6 ? `[${first.address}]` : first.address}`,
        ];
  } catch (error) {
    if (error instanceof AddressRefused) throw fetchFailed(label, 'address_refused', error.message);
    throw fetchFailed(label, 'unreachable', `${url.hostname} cannot be resolved`, error);
  }
}

function must(output: GitOutput, label: string): GitOutput {
  if (output.code !== 0) throw gitFailure(label, output);
  return output;
}

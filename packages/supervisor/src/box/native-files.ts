import { lstatSync, mkdirSync, readlinkSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import type { BoxLayout, NativeFile, RenderOutcome, RuntimeAdapter } from '@molecule/adapters';
import { ensureInside, readBoxFile, setAside, stampOf, systemCode, writeBoxFile } from '../files/box-file.ts';

/** Real paths below which the supervisor may write for the agent. */
export function rootsOf(layout: BoxLayout): readonly string[] {
  return [realpathSync(layout.home), realpathSync(layout.work)];
}

export interface NativeRead {
  readonly files: readonly NativeFile[];
  /** What is there but cannot be used: a link out of the box, a pipe, bytes that are no text. */
  readonly problems: readonly { readonly path: string; readonly problem: string }[];
}

/** Reads the files that the adapter names. Never throws; what cannot be read counts as absent and is named. */
export function readNativeFiles(adapter: RuntimeAdapter, layout: BoxLayout): NativeRead {
  const roots = rootsOf(layout);
  const problems: { path: string; problem: string }[] = [];
  const files = adapter.nativeFiles(layout).map(({ id, path }) => {
    const { text, problem } = readBoxFile(path, roots);
    if (problem !== null) problems.push({ path, problem });
    return { id, path, text };
  });
  return { files, problems };
}

/** One short text that changes when any native file changes; costs a system call for each file. */
export function nativeStamp(adapter: RuntimeAdapter, layout: BoxLayout): string {
  return adapter
    .nativeFiles(layout)
    .map(({ path }) => stampOf(path))
    .join(' ');
}

/** What the writing came to. */
export interface Applied {
  /** Places to which corrupt files were moved. */
  readonly setAside: readonly string[];
  /** Ids of files that were written. */
  readonly written: readonly string[];
  /** Files that somebody else wrote meanwhile, with the text that counts now: null = what is on disk. They have to be rendered again. */
  readonly met: ReadonlyMap<string, string | null>;
}

/**
 * Writes what the adapter rendered. A file that the adapter rebuilt because it was corrupt, or that could not be read at all, is set aside first, so
 * that nothing a person wrote is lost (B55); one that was changed since it was read is not written (B56). `onDisk` holds the texts that are expected
 * on disk where these are not the ones that were rendered from.
 */
export function applyRendering(
  outcome: RenderOutcome,
  read: NativeRead,
  onDisk: ReadonlyMap<string, string | null>,
  layout: BoxLayout,
  nowMs: number,
): Applied {
  const roots = rootsOf(layout);
  const corrupt = new Set(outcome.report.filter((note) => note.action === 'rebuilt_corrupt').map((note) => note.file));
  const unusable = new Set(read.problems.map(({ path }) => path));
  const setAsidePlaces: string[] = [];
  const written: string[] = [];
  const met = new Map<string, string | null>();
  for (const { id, path, text } of outcome.writes) {
    const isBroken = corrupt.has(id) || corrupt.has(path) || unusable.has(path);
    if (isBroken) {
      ensureInside(dirname(path), roots);
      const place = setAside(path, nowMs);
      if (place !== null) setAsidePlaces.push(place);
    }
    const before = read.files.find((file) => file.id === id)?.text ?? null;
    const done = writeBoxFile(path, text, roots, isBroken ? null : (onDisk.get(id) ?? before));
    if (done.kind !== 'stale') written.push(id);
    if (done.kind !== 'written') met.set(id, done.kind === 'overtaken' ? done.text : null);
  }
  for (const { path, target } of outcome.links) applyLink(path, target, roots);
  return { setAside: setAsidePlaces, written, met };
}

function applyLink(path: string, target: string | null, roots: readonly string[]): void {
  const now = linkAt(path);
  if (now === target) return;
  // Something of the agent's own stands there: it stays, as every entry that is not ours does (B48).
  if (now === undefined) return;
  ensureInside(dirname(path), roots);
  if (now !== null) rmSync(path, { force: true });
  if (target !== null) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    symlinkSync(target, path);
  }
}

/** Target of the link at `path`, null where nothing is, undefined where something else is. */
function linkAt(path: string): string | null | undefined {
  try {
    return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : undefined;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  }
}

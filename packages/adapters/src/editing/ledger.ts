import { type ConfigValue, type Path, samePath } from './config-value.ts';
import type { Hunk } from './hunk.ts';

/**
 * What we own in one configuration file, so that taking it out gives back the bytes of before. Plain JSON.
 *
 * The native file stays the truth: an entry counts as ours only while its value still has the digest we wrote; an entry that was
 * edited since belongs to who edited it. A ledger that claims too much does no harm, so save it *before* the file is replaced:
 * after a crash between the two, the claim meets no such entry and lapses.
 *
 * `displaced` and the hunks can hold text that stood in the file before; keep the ledger as private as the file (mode 0600).
 */
export interface FileLedger {
  readonly version: 1;
  readonly entries: readonly LedgerEntry[];
  readonly containers: readonly LedgerContainer[];
  /** Digest over text, wish and policy for which nothing was left to do: the short cut of a no-op reconcile. */
  readonly settled?: string;
}

export interface LedgerEntry {
  readonly path: Path;
  /** `valueDigest` of the value we wrote. */
  readonly digest: string;
  /** The foreign value that stood at the path and gave way to ours. */
  readonly displaced?: ConfigValue;
  /** Kept where the text alone cannot tell what stood there before. */
  readonly undo?: Hunk;
}

/** A map that was missing, empty or of a wrong type before our first entry in it. The root has the path `[]`. */
export interface LedgerContainer {
  readonly path: Path;
  /** Its text before; null where it (for the root: the file) did not exist. */
  readonly original: string | null;
}

export const EMPTY_LEDGER: FileLedger = { version: 1, entries: [], containers: [] };

export function entryAt(ledger: FileLedger, path: Path): LedgerEntry | undefined {
  return ledger.entries.find((entry) => samePath(entry.path, path));
}

import type { TreeFile } from '../artifact/tree-digest.ts';
import type { SourceSettings } from './source-settings.ts';

export interface FetchInput {
  /** For messages: the source, or the name under which it was asked for. */
  readonly label: string;
  readonly settings: SourceSettings;
  readonly signal: AbortSignal;
}

/** A package as it came from its source. */
export interface FetchedPackage {
  /** The source with its exact commit or version: fetching that again gives the same content, or fails. */
  readonly resolved: string;
  readonly files: readonly TreeFile[];
  /** What was published with it: `sha512-…` of npm, the commit of git; null where there is nothing of the kind. */
  readonly integrity: string | null;
  /** Milliseconds in foreign programs and on the wire, for the measurement. */
  readonly foreignMs: number;
}

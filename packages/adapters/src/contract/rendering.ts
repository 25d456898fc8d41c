import type { DesiredServer } from '@molecule/contracts';
import type { BoxLayout } from './box-layout.ts';

/** A native file as it is now; `text` null = it does not exist. */
export interface NativeFile {
  readonly id: string;
  readonly path: string;
  readonly text: string | null;
}

/** Which native entries we own, kept by the supervisor beside the box (JSON-serialisable, versioned). */
export interface RenderLedger {
  readonly version: 1;
  /** File id → what we own in it; the shape below that is the adapter's own business. */
  readonly files: Readonly<Record<string, unknown>>;
}

export interface RenderInput {
  readonly layout: BoxLayout;
  readonly files: readonly NativeFile[];
  readonly servers: readonly DesiredServer[];
  /** Identity text and instructions to be put where the runtime reads them; null = leave alone. */
  readonly identity: string | null;
  /** Skill folders, absolute paths of unpacked artifacts. */
  readonly skills: readonly { readonly name: string; readonly path: string }[];
  readonly ledger: RenderLedger | null;
}

export interface RenderOutcome {
  /** Files whose text changes; a file that stays the same is not listed. `text` null = delete it (we made it and it is empty now). */
  readonly writes: readonly { readonly id: string; readonly path: string; readonly text: string | null }[];
  /** Links to make or remove (skill folders). Idempotent. */
  readonly links: readonly { readonly path: string; readonly target: string | null }[];
  readonly ledger: RenderLedger;
  readonly report: readonly RenderNote[];
}

export interface RenderNote {
  readonly server: string | null;
  readonly file: string;
  readonly action:
    | 'added'
    | 'replaced'
    | 'removed'
    | 'unchanged'
    | 'kept_theirs'
    | 'rebuilt_corrupt'
    | 'refused_corrupt';
  readonly detail: string;
}

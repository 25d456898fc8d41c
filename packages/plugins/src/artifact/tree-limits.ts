/** What a package may be at most. Checked while it streams in, so that a package that is over a limit never lies on disk. */
export interface TreeLimits {
  readonly files: number;
  readonly totalBytes: number;
  readonly fileBytes: number;
  readonly pathBytes: number;
  readonly depth: number;
  /** Unpacked bytes for each packed byte. */
  readonly ratio: number;
  /** What travels over the wire: a pack, a tarball. */
  readonly packedBytes: number;
}

const MIB = 1024 * 1024;

export const DEFAULT_LIMITS: TreeLimits = {
  files: 5_000,
  totalBytes: 64 * MIB,
  fileBytes: 16 * MIB,
  pathBytes: 240,
  depth: 24,
  ratio: 200,
  packedBytes: 64 * MIB,
};

/** Below this many unpacked bytes no ratio is suspicious: a small text packs well. */
export const RATIO_FLOOR_BYTES = MIB;

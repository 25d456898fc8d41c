/** What a server offers: tool name → digest of its name, description and schema. */
export type ToolSurface = Readonly<Record<string, string>>;

export interface SurfaceChange {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Same name, other description or schema. */
  readonly changed: readonly string[];
}

export type SurfaceVerdict =
  | { readonly state: 'pinned'; readonly change: null }
  /** Shown to people; the server works on. */
  | { readonly state: 'flagged'; readonly change: SurfaceChange }
  /** Not offered to the agent until somebody accepts it. */
  | { readonly state: 'held'; readonly change: SurfaceChange };

/** What differs; null = nothing. */
export function surfaceChange(pinned: ToolSurface, seen: ToolSurface): SurfaceChange | null {
  const added = Object.keys(seen)
    .filter((tool) => !Object.hasOwn(pinned, tool))
    .sort();
  const removed = Object.keys(pinned)
    .filter((tool) => !Object.hasOwn(seen, tool))
    .sort();
  const changed = Object.keys(seen)
    .filter((tool) => Object.hasOwn(pinned, tool) && pinned[tool] !== seen[tool])
    .sort();
  return added.length + removed.length + changed.length === 0 ? null : { added, removed, changed };
}

/** A server that offers other tools than those that were proved at install is flagged; one on which much rests is held. */
export function judgeSurface(
  pinned: ToolSurface,
  seen: ToolSurface,
  guard: { readonly required: boolean; readonly privileged: boolean },
): SurfaceVerdict {
  const change = surfaceChange(pinned, seen);
  if (change === null) return { state: 'pinned', change };
  return { state: guard.required || guard.privileged ? 'held' : 'flagged', change };
}

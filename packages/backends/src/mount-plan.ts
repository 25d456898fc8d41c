import { type IsolationPolicy, isWithin } from './isolation-policy.ts';

/** What is at a path of the machine. `realPath` has every symbolic link followed. */
export interface PathFact {
  readonly path: string;
  readonly realPath: string;
  readonly kind: 'directory' | 'file';
  /** Set where the last part of the path is itself a symbolic link. */
  readonly linkTarget?: string;
}

export type Mount =
  | { readonly kind: 'read_only' | 'writable'; readonly path: string; readonly source: string }
  | { readonly kind: 'empty_directory' | 'empty_file'; readonly path: string }
  | { readonly kind: 'symlink'; readonly path: string; readonly target: string };

export interface MountFacts {
  readonly system: readonly PathFact[];
  /** Facts about the paths of the policy; a path that does not exist has none. */
  readonly named: ReadonlyMap<string, PathFact>;
}

/**
 * The mounts of a box, in the order in which they must be made: the shallower path first, so that of two nested paths the deeper one decides,
 * and at equal depth the hidden one last.
 */
export function planMounts(
  policy: Pick<IsolationPolicy, 'writable' | 'readable' | 'hidden'>,
  facts: MountFacts,
): Mount[] {
  const open: Mount[] = [];
  for (const fact of facts.system) {
    if (fact.linkTarget === undefined) open.push({ kind: 'read_only', path: fact.path, source: fact.realPath });
    else open.push({ kind: 'symlink', path: fact.path, target: fact.linkTarget });
  }
  const openAt = (kind: 'read_only' | 'writable', path: string) => {
    const fact = facts.named.get(path);
    if (fact === undefined) return;
    open.push({ kind, path: fact.realPath, source: fact.realPath });
    if (fact.realPath !== path) open.push({ kind, path, source: fact.realPath });
  };
  for (const path of policy.readable) openAt('read_only', path);
  for (const path of policy.writable) openAt('writable', path);

  const hidden: Mount[] = [];
  for (const path of policy.hidden) {
    const fact = facts.named.get(path);
    if (fact === undefined) continue;
    const isOpen = open.some((mount) => mount.kind !== 'symlink' && isWithin(fact.realPath, mount.path));
    // A path with nothing open above it is not in the box at all: there is nothing to cover.
    if (isOpen)
      hidden.push({ kind: fact.kind === 'directory' ? 'empty_directory' : 'empty_file', path: fact.realPath });
  }
  return [...open, ...hidden].sort((a, b) => depth(a.path) - depth(b.path));
}

function depth(path: string): number {
  return path === '/' ? 0 : path.split('/').length - 1;
}

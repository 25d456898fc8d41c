import type { Workspace } from '../api/wire.generated.ts';

export interface TreeNode {
  readonly workspace: Workspace;
  readonly depth: number;
  readonly children: readonly TreeNode[];
  /** Number of workspaces below, however deep. */
  readonly below: number;
}

/** The workspaces as a forest, siblings by name. Whoever hangs below the concierge, or below nobody who is there, is a root. */
export function orgForest(members: readonly Workspace[]): readonly TreeNode[] {
  const known = new Set(members.map((each) => each.id));
  const byParent = Map.groupBy(members, (each) =>
    each.parentId !== null && known.has(each.parentId) ? each.parentId : '',
  );
  const grow = (parent: string, depth: number): readonly TreeNode[] =>
    (byParent.get(parent) ?? [])
      .toSorted((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }))
      .map((workspace) => {
        const children = grow(workspace.id, depth + 1);
        return { workspace, depth, children, below: children.reduce((sum, child) => sum + 1 + child.below, 0) };
      });
  return grow('', 0);
}

/** The forest from top to bottom, as a list shows it; what is folded is left out. */
export function flatten(forest: readonly TreeNode[], folded: ReadonlySet<string>): readonly TreeNode[] {
  return forest.flatMap((node) => [node, ...(folded.has(node.workspace.id) ? [] : flatten(node.children, folded))]);
}

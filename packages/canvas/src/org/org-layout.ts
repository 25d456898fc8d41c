import type { TreeNode } from './org-tree.ts';

export const CARD = { width: 224, height: 92 } as const;
const GAP_X = 20;
const GAP_Y = 20;
const LEVEL = 48;
/** Between trees that have nothing to do with each other. */
const APART = 44;
/** Columns that blocks of leaves are tried with. */
const COLUMNS = [1, 2, 3, 4, 6, 9, 14] as const;
/** An org of more is drawn with fewer tries; the picture is a little less tight and as fast. */
const MANY = 300;

export interface Placed {
  readonly node: TreeNode;
  readonly x: number;
  readonly y: number;
  readonly parentId: string | null;
  /** True for a card inside a block, which hangs from its parent as a whole. */
  readonly inBlock: boolean;
}
export interface Block {
  readonly parentId: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}
export interface OrgLayout {
  readonly placed: readonly Placed[];
  readonly blocks: readonly Block[];
}

interface Part {
  readonly width: number;
  readonly height: number;
  /** Where the line from above should arrive. */
  readonly anchor: number;
  place(x: number, y: number, into: { readonly placed: Placed[]; readonly blocks: Block[] }): void;
}

/**
 * A tidy tree from above: every workspace above the middle of what it has below, leaves packed into blocks, unrelated trees on shelves. Of several ways the one is
 * taken that shows largest in a view of the given aspect (width for each height). Pure: the same forest gives the same picture.
 */
export function layoutOrg(forest: readonly TreeNode[], folded: ReadonlySet<string>, aspect = 1.5): OrgLayout {
  const many = forest.reduce((sum, node) => sum + 1 + node.below, 0) > MANY;
  let best: Part | undefined;
  for (const columns of many ? [4, 9] : COLUMNS) {
    const parts = childrenParts(forest, null, folded, columns);
    const widest = Math.max(...parts.map((part) => part.width), CARD.width);
    const whole = parts.reduce((sum, part) => sum + part.width + APART, -APART);
    for (const share of [1, 0.7, 0.5, 0.36, 0.25, 0.17, 0.1]) {
      const candidate = shelves(parts, Math.max(widest, whole * share));
      if (best === undefined || extent(candidate, aspect) < extent(best, aspect)) best = candidate;
    }
  }
  const into = { placed: [] as Placed[], blocks: [] as Block[] };
  best?.place(0, 0, into);
  return into;
}

/** Height of the view that shows all of it: the smaller, the larger everything is drawn. */
function extent(part: Part, aspect: number): number {
  return Math.max(part.height, part.width / aspect);
}

function childrenParts(
  nodes: readonly TreeNode[],
  parentId: string | null,
  folded: ReadonlySet<string>,
  columns: number,
): readonly Part[] {
  const isLeaf = (node: TreeNode): boolean => node.children.length === 0 || folded.has(node.workspace.id);
  const leaves = nodes.filter(isLeaf);
  const trees = nodes.filter((node) => !isLeaf(node)).map((node) => tree(node, parentId, folded, columns));
  return leaves.length === 0
    ? trees
    : [
        ...trees,
        grid(leaves, parentId, parentId === null ? Math.max(columns, Math.ceil(Math.sqrt(leaves.length))) : columns),
      ];
}

function tree(node: TreeNode, parentId: string | null, folded: ReadonlySet<string>, columns: number): Part {
  const below = row(childrenParts(node.children, node.workspace.id, folded, columns), GAP_X);
  const width = Math.max(CARD.width, below.width);
  const anchor = Math.min(width - CARD.width / 2, Math.max(CARD.width / 2, (width - below.width) / 2 + below.anchor));
  return {
    width,
    height: CARD.height + LEVEL + below.height,
    anchor,
    place: (x, y, into) => {
      into.placed.push({ node, x: x + anchor - CARD.width / 2, y, parentId, inBlock: false });
      below.place(x + (width - below.width) / 2, y + CARD.height + LEVEL, into);
    },
  };
}

function grid(leaves: readonly TreeNode[], parentId: string | null, wanted: number): Part {
  const columns = Math.min(leaves.length, wanted);
  const rows = Math.ceil(leaves.length / columns);
  const block = rows > 1 && parentId !== null;
  const pad = block ? 12 : 0;
  const width = columns * (CARD.width + GAP_X) - GAP_X + 2 * pad;
  const height = rows * (CARD.height + GAP_Y) - GAP_Y + 2 * pad;
  return {
    width,
    height,
    anchor: width / 2,
    place: (x, y, into) => {
      if (block) into.blocks.push({ parentId, x, y, width, height });
      leaves.forEach((node, index) => {
        into.placed.push({
          node,
          parentId,
          inBlock: block,
          x: x + pad + (index % columns) * (CARD.width + GAP_X),
          y: y + pad + Math.floor(index / columns) * (CARD.height + GAP_Y),
        });
      });
    },
  };
}

function row(parts: readonly Part[], gap: number): Part {
  const width = Math.max(
    0,
    parts.reduce((sum, part) => sum + part.width + gap, -gap),
  );
  const first = parts[0]?.anchor ?? 0;
  const last = width - (parts.at(-1)?.width ?? 0) + (parts.at(-1)?.anchor ?? 0);
  return {
    width,
    height: Math.max(0, ...parts.map((part) => part.height)),
    anchor: (first + last) / 2,
    place: (x, y, into) => {
      let at = x;
      for (const part of parts) {
        part.place(at, y, into);
        at += part.width + gap;
      }
    },
  };
}

/** Rows of at most the given width, one below the other. */
function shelves(parts: readonly Part[], widest: number): Part {
  const rows: Part[][] = [];
  let used = Infinity;
  for (const part of parts) {
    if (used + part.width > widest) {
      rows.push([]);
      used = 0;
    }
    rows.at(-1)?.push(part);
    used += part.width + APART;
  }
  const lines = rows.map((line) => row(line, APART));
  return {
    width: Math.max(0, ...lines.map((line) => line.width)),
    height: lines.reduce((sum, line) => sum + line.height + APART, -APART),
    anchor: 0,
    place: (x, y, into) => {
      let at = y;
      for (const line of lines) {
        line.place(x, at, into);
        at += line.height + APART;
      }
    },
  };
}

import type { Node } from '@xyflow/react';
import type { OrgLayout } from './org-layout.ts';
import { CARD } from './org-layout.ts';
import type { WorkspaceCardProps } from './workspace-card.tsx';

export type CardNode = Node<WorkspaceCardProps & Record<string, unknown>, 'workspace'>;

export interface CardSituation {
  readonly layout: OrgLayout;
  readonly closed: ReadonlySet<string>;
  readonly working: ReadonlySet<string>;
  readonly found: ReadonlySet<string> | null;
  readonly current: string | null;
  readonly draggable: boolean;
  readonly onOpen: (id: string) => void;
  readonly onFocus: (id: string) => void;
}

/**
 * The cards of an org for the map. A card of which nothing has changed is the same object as before, so that a rename among a thousand draws one card.
 * @param before what this function gave last time
 */
export function cardNodes(situation: CardSituation, before: readonly CardNode[]): readonly CardNode[] {
  const { layout, closed, working, found, current, draggable, onOpen, onFocus } = situation;
  const known = new Map(before.map((node) => [node.id, node]));
  return layout.placed.map(({ node: { workspace, below, children }, x, y }) => {
    const data = {
      workspace,
      below,
      hasChildren: children.length > 0,
      closed: closed.has(workspace.id),
      working: working.has(workspace.id),
      dim: found !== null && !found.has(workspace.id),
      current: workspace.id === current,
      onOpen,
      onFocus,
    };
    const last = known.get(workspace.id);
    const same =
      last !== undefined &&
      last.position.x === x &&
      last.position.y === y &&
      last.draggable === draggable &&
      Object.entries(data).every(([key, value]) => Object.is(value, last.data[key]));
    return same ? last : { id: workspace.id, type: 'workspace', draggable, data, ...lying(x, y) };
  });
}

/** A card at another place: it is held there. */
export function heldAt(node: CardNode, { x, y }: { readonly x: number; readonly y: number }): CardNode {
  return { ...node, ...lying(x, y), zIndex: 1000 };
}

/*
 * A place is `left` and `top` and no `transform`: an element with a transform of its own is put into layers by itself, and a thousand of them took 70 ms of every
 * frame in which the map moved. The measures and the (missing) handles are known, so nothing is measured on the page.
 */
function lying(x: number, y: number) {
  const { width, height } = CARD;
  return {
    position: { x, y },
    style: { left: x, top: y, transform: 'none' },
    width,
    height,
    measured: { width, height },
    handles: [],
    focusable: false,
  };
}

import type { Node, OnNodeDrag, XYPosition } from '@xyflow/react';
import { useCallback, useMemo, useRef, useState } from 'react';
import { moving } from './moving.ts';
import { CARD } from './org-layout.ts';

/** Id of the place that stands for "directly below the concierge". */
export const ROOT_PLACE = 'root-place';

export interface CardDrag {
  readonly id: string;
  readonly position: XYPosition;
  /** Card, or the place of the root, that it would be dropped on. */
  readonly over: string | null;
}

/**
 * Dragging a card on the map. Nothing is changed by it: dropping on another card opens the confirmation, dropping anywhere else puts it back.
 * @param cards where the cards lie
 * @param mayHold false for cards that cannot be the new parent: the present one, and the dragged one with all below it
 */
export function useCardDrag(
  cards: () => readonly { readonly id: string; readonly x: number; readonly y: number }[],
  mayHold: (dragged: string, target: string) => boolean,
) {
  const [drag, setDrag] = useState<CardDrag | null>(null);
  const rootPlace = useRef<HTMLDivElement>(null);

  const overOf = useCallback(
    (event: MouseEvent | TouchEvent, node: Node): string | null => {
      const point = 'clientX' in event ? event : event.changedTouches[0];
      const box = rootPlace.current?.getBoundingClientRect();
      if (point !== undefined && box !== undefined && inside(point.clientX, point.clientY, box)) return ROOT_PLACE;
      const x = node.position.x + CARD.width / 2;
      const y = node.position.y + CARD.height / 2;
      const hit = cards().find(
        (card) =>
          card.id !== node.id && x >= card.x && x <= card.x + CARD.width && y >= card.y && y <= card.y + CARD.height,
      );
      return hit !== undefined && mayHold(node.id, hit.id) ? hit.id : null;
    },
    [cards, mayHold],
  );
  const handlers = useMemo(() => {
    const move: OnNodeDrag = (event, node) =>
      setDrag({ id: node.id, position: node.position, over: overOf(event, node) });
    const stop: OnNodeDrag = (event, node) => {
      const over = overOf(event, node);
      setDrag(null);
      if (over !== null) moving.set({ id: node.id, to: over === ROOT_PLACE ? null : over });
    };
    return { onNodeDrag: move, onNodeDragStop: stop };
  }, [overOf]);
  return { drag, rootPlace, handlers };
}

function inside(x: number, y: number, box: DOMRect): boolean {
  return x >= box.left && x <= box.right && y >= box.top && y <= box.bottom;
}

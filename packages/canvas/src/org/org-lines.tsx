import { getSmoothStepPath, Position } from '@xyflow/react';
import { memo } from 'react';
import { CARD, type OrgLayout } from './org-layout.ts';

/** Who hangs from whom, and the frames around packed leaves, as one drawing: an element for each of a thousand lines would be looked through in every frame. */
export const OrgLines = memo(function OrgLines({ layout }: { readonly layout: OrgLayout }) {
  return (
    <svg aria-hidden="true" className="pointer-events-none absolute -z-1 size-px overflow-visible">
      <path d={linesOf(layout)} className="org-map-lines" />
      {layout.blocks.map((block) => (
        <rect
          key={block.parentId}
          x={block.x + 0.5}
          y={block.y + 0.5}
          width={block.width - 1}
          height={block.height - 1}
          rx={11}
          className="org-map-block"
        />
      ))}
    </svg>
  );
});

function linesOf({ placed, blocks }: OrgLayout): string {
  const places = new Map(placed.map((each) => [each.node.workspace.id, each]));
  const line = (parentId: string, x: number, y: number): string => {
    const parent = places.get(parentId);
    if (parent === undefined) return '';
    const [path] = getSmoothStepPath({
      sourceX: parent.x + CARD.width / 2,
      sourceY: parent.y + CARD.height,
      sourcePosition: Position.Bottom,
      targetX: x,
      targetY: y,
      targetPosition: Position.Top,
    });
    return path;
  };
  return [
    ...placed.map(({ parentId, inBlock, x, y }) =>
      parentId === null || inBlock ? '' : line(parentId, x + CARD.width / 2, y),
    ),
    ...blocks.map((block) => line(block.parentId, block.x + block.width / 2, block.y)),
  ].join('');
}

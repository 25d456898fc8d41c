import '@xyflow/react/dist/base.css';
import './org-map.css';
import { FocusCenterIcon, ZoomInIcon, ZoomOutIcon } from '@primer/octicons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import {
  Background,
  type Edge,
  Handle,
  type Node,
  type NodeProps,
  Panel,
  Position,
  ReactFlow,
  ReactFlowProvider,
  useOnViewportChange,
  useReactFlow,
} from '@xyflow/react';
import { memo, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { runningQuery } from '../data/queries.ts';
import { IconButton } from '../design/button.tsx';
import { classes } from '../design/classes.ts';
import { useStore } from '../live/store.ts';
import { folded, toggleFold } from './folded.ts';
import { detailAt, FAR_ZOOM, mapDetail } from './map-detail.ts';
import { moving } from './moving.ts';
import { CARD, layoutOrg } from './org-layout.ts';
import { flatten, type TreeNode } from './org-tree.ts';
import { ROOT_PLACE, useCardDrag } from './use-card-drag.ts';
import { WorkspaceCard, type WorkspaceCardProps } from './workspace-card.tsx';

type CardNode = Node<WorkspaceCardProps & Record<string, unknown>, 'workspace'>;
type BlockNode = Node<Record<string, never>, 'block'>;

const NODE_TYPES = { workspace: memo(WorkspaceNode), block: memo(BlockNodeView) };
const FIT = { padding: 0.12, maxZoom: 1, minZoom: 0.05 } as const;
/** With a finger a card is part of what is panned; the dialog moves it there. */
const canDrag = window.matchMedia('(pointer: fine)').matches;
const NO_TASKS: Readonly<Record<string, string>> = {};

export interface OrgMapProps {
  readonly forest: readonly TreeNode[];
  /** What a filter found; null = no filter. */
  readonly found: ReadonlySet<string> | null;
}

/** The org as a tree that can be panned and zoomed, with the mouse, by touch and by keyboard. */
export function OrgMap(props: OrgMapProps) {
  return (
    <ReactFlowProvider>
      <Chart {...props} />
    </ReactFlowProvider>
  );
}

function Chart({ forest, found }: OrgMapProps) {
  const navigate = useNavigate();
  const flow = useReactFlow();
  const frame = useRef<HTMLDivElement>(null);
  const closed = useStore(folded);
  const running = useQuery(runningQuery).data ?? NO_TASKS;
  const [chosen, setChosen] = useState<string | null>(null);
  const aspect = useAspect(frame);
  const layout = useMemo(() => layoutOrg(forest, closed, aspect), [forest, closed, aspect]);
  const order = useMemo(() => flatten(forest, closed), [forest, closed]);
  const current =
    chosen !== null && order.some((node) => node.workspace.id === chosen) ? chosen : (order[0]?.workspace.id ?? null);
  const placed = useRef(layout.placed);
  placed.current = layout.placed;
  const cards = useCallback(() => placed.current.map(({ node, x, y }) => ({ id: node.workspace.id, x, y })), []);
  const mayHold = useCallback((dragged: string, target: string): boolean => {
    const parentOf = new Map(placed.current.map((each) => [each.node.workspace.id, each.parentId]));
    if (parentOf.get(dragged) === target) return false;
    for (let at: string | null = target; at !== null; at = parentOf.get(at) ?? null) if (at === dragged) return false;
    return true;
  }, []);
  const { drag, rootPlace, handlers } = useCardDrag(cards, mayHold);
  const held = drag !== null;
  const open = useCallback(
    (id: string) => void navigate({ to: '/w/$id/$tab', params: { id, tab: 'chat' } }),
    [navigate],
  );

  const working = useMemo(() => new Set(Object.values(running)), [running]);
  const nodes = useMemo<(CardNode | BlockNode)[]>(
    () => [
      ...layout.blocks.map(
        (block): BlockNode => ({
          id: `block-${block.parentId}`,
          type: 'block',
          position: { x: block.x, y: block.y },
          width: block.width,
          height: block.height,
          data: {},
          selectable: false,
          draggable: false,
          zIndex: -1,
        }),
      ),
      ...layout.placed.map(
        ({ node, x, y }): CardNode => ({
          id: node.workspace.id,
          type: 'workspace',
          position: { x, y },
          width: CARD.width,
          height: CARD.height,
          focusable: false,
          draggable: canDrag,
          data: {
            workspace: node.workspace,
            below: node.below,
            hasChildren: node.children.length > 0,
            closed: closed.has(node.workspace.id),
            working: working.has(node.workspace.id),
            dim: found !== null && !found.has(node.workspace.id),
            current: node.workspace.id === current,
            onOpen: open,
            onFocus: setChosen,
          },
        }),
      ),
    ],
    [layout, closed, working, found, current, open],
  );
  // The one that is dragged lies where the pointer holds it, and the one it would be dropped on shows it.
  const shown = useMemo(
    () =>
      drag === null
        ? nodes
        : nodes.map((node) =>
            node.id === drag.id
              ? { ...node, position: drag.position, zIndex: 1000 }
              : node.id === drag.over && node.type === 'workspace'
                ? { ...node, data: { ...node.data, target: true } }
                : node,
          ),
    [nodes, drag],
  );
  const edges = useMemo<Edge[]>(
    () => [
      ...layout.placed.flatMap(({ node, parentId, inBlock }) =>
        parentId === null || inBlock ? [] : [edge(parentId, node.workspace.id)],
      ),
      ...layout.blocks.map((block) => edge(block.parentId, `block-${block.parentId}`)),
    ],
    [layout],
  );

  // The whole org is shown, also when it grows or the room changes, until the reader moves the view: from then on it is theirs, until they ask for all.
  const moved = useRef(false);
  const showAll = useCallback((): void => {
    moved.current = false;
    void flow.fitView({ ...FIT, duration: motion() });
  }, [flow]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs again when these change, and only then
  useEffect(() => {
    // Under a card that is held, nothing moves.
    if (moved.current || held) return;
    const frameId = requestAnimationFrame(() => void flow.fitView({ ...FIT, duration: motion() }));
    return () => cancelAnimationFrame(frameId);
  }, [layout, flow, held]);
  useEffect(() => {
    const [first] = found ?? [];
    if (found !== null && found.size > 0 && first !== undefined)
      void flow.fitView({ ...FIT, nodes: [...found].map((id) => ({ id })), duration: motion() });
  }, [found, flow]);
  useOnViewportChange({ onChange: ({ zoom }) => mapDetail.set(detailAt(zoom)) });

  const go = (id: string | undefined): void => {
    const place = layout.placed.find((each) => each.node.workspace.id === id);
    if (id === undefined || place === undefined) return;
    setChosen(id);
    moved.current = true;
    void flow.setCenter(place.x + CARD.width / 2, place.y + CARD.height / 2, {
      zoom: Math.max(FAR_ZOOM + 0.1, flow.getZoom()),
      duration: motion(),
    });
    const focus = (tries: number): void => {
      const card = frame.current?.querySelector<HTMLElement>(`[data-workspace="${id}"]`);
      if (card != null) card.focus({ preventScroll: true });
      else if (tries > 0) requestAnimationFrame(() => focus(tries - 1));
    };
    requestAnimationFrame(() => focus(20));
  };
  const onKeyDown = (event: React.KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const here = layout.placed.find((each) => each.node.workspace.id === current);
    const siblings = layout.placed
      .filter((each) => each.parentId === here?.parentId)
      .toSorted((a, b) => a.y - b.y || a.x - b.x);
    const at = here === undefined ? -1 : siblings.indexOf(here);
    const acts: Readonly<Record<string, () => void>> = {
      ArrowUp: () => go(here?.parentId ?? undefined),
      ArrowDown: () =>
        go(here !== undefined && !closed.has(here.node.workspace.id) ? here.node.children[0]?.workspace.id : undefined),
      ArrowLeft: () => go(siblings[at - 1]?.node.workspace.id),
      ArrowRight: () => go(siblings[at + 1]?.node.workspace.id),
      Home: () => go(order[0]?.workspace.id),
      End: () => go(order.at(-1)?.workspace.id),
      ' ': () => here !== undefined && here.node.children.length > 0 && toggleFold(here.node.workspace.id),
      '+': () => void flow.zoomIn({ duration: motion() }),
      '=': () => void flow.zoomIn({ duration: motion() }),
      '-': () => void flow.zoomOut({ duration: motion() }),
      '0': showAll,
      m: () => here !== undefined && moving.set({ id: here.node.workspace.id, to: undefined }),
    };
    const act = acts[event.key];
    if (act === undefined) return;
    event.preventDefault();
    act();
  };

  return (
    <div
      ref={frame}
      onKeyDown={onKeyDown}
      className="org-map min-h-0 flex-1"
      role="application"
      aria-roledescription="org map"
      aria-label="Org map. Arrow keys go from one workspace to the next, Enter opens one, M moves one below another."
    >
      <ReactFlow
        nodes={shown}
        {...handlers}
        edges={edges}
        nodeTypes={NODE_TYPES}
        onlyRenderVisibleElements
        nodesDraggable={canDrag}
        nodeDragThreshold={6}
        nodesConnectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        elementsSelectable={false}
        disableKeyboardA11y
        panOnScroll
        onMoveStart={(event) => {
          // Null = it was us.
          if (event !== null) moved.current = true;
          frame.current?.toggleAttribute('data-moving', true);
        }}
        onMoveEnd={() => frame.current?.toggleAttribute('data-moving', false)}
        zoomOnDoubleClick={false}
        minZoom={0.05}
        maxZoom={1.6}
        fitView
        fitViewOptions={FIT}
        proOptions={{ hideAttribution: true }}
      >
        <Dots />
        {drag !== null && (
          <Panel position="top-center">
            <div
              ref={rootPlace}
              className={classes(
                'rounded-md border border-dashed px-5 py-2.5 text-sm shadow-card',
                drag.over === ROOT_PLACE
                  ? 'border-blue bg-blue-soft text-ink'
                  : 'border-line-strong bg-raised text-ink-2',
              )}
            >
              Drop here to hang it directly below the concierge
            </div>
          </Panel>
        )}
        <Panel position="bottom-right" className="hairline flex rounded-md bg-raised p-0.5 shadow-card">
          <IconButton
            label="Closer"
            shortcut="+"
            className="size-7"
            onClick={() => void flow.zoomIn({ duration: motion() })}
          >
            <ZoomInIcon size={14} />
          </IconButton>
          <IconButton
            label="Further away"
            shortcut="−"
            className="size-7"
            onClick={() => void flow.zoomOut({ duration: motion() })}
          >
            <ZoomOutIcon size={14} />
          </IconButton>
          <IconButton label="Show all" shortcut="0" className="size-7" onClick={showAll}>
            <FocusCenterIcon size={14} />
          </IconButton>
        </Panel>
      </ReactFlow>
    </div>
  );
}

/** From afar the dots would be a hundred thousand and say nothing. */
function Dots() {
  return useStore(mapDetail) === 'full' ? <Background gap={24} size={1.4} color="var(--color-line)" /> : null;
}

function WorkspaceNode({ data }: NodeProps<CardNode>) {
  return (
    <>
      <Handle type="target" position={Position.Top} isConnectable={false} />
      <WorkspaceCard {...data} />
      <Handle type="source" position={Position.Bottom} isConnectable={false} />
    </>
  );
}

function BlockNodeView() {
  return (
    <>
      <Handle type="target" position={Position.Top} isConnectable={false} />
      <div className="size-full rounded-lg border border-dashed border-line-strong bg-surface/50" />
    </>
  );
}

function edge(source: string, target: string): Edge {
  return { id: `${source}-${target}`, source, target, type: 'smoothstep', focusable: false };
}

/** Shape of the room for the map in coarse steps, so that a scroll bar does not rearrange the org. */
function useAspect(frame: React.RefObject<HTMLDivElement | null>): number {
  const [aspect, setAspect] = useState(1.5);
  useLayoutEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const measure = (): void =>
      setAspect(Math.max(0.4, Math.round((4 * element.clientWidth) / Math.max(1, element.clientHeight)) / 4));
    const observer = new ResizeObserver(measure);
    measure();
    observer.observe(element);
    return () => observer.disconnect();
  }, [frame]);
  return aspect;
}

/** How long the view may glide, ms. */
function motion(): number {
  return window.matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 220;
}

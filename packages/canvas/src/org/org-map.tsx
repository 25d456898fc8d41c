import '@xyflow/react/dist/base.css';
import './org-map.css';
import { FocusCenterIcon, ZoomInIcon, ZoomOutIcon } from '@primer/octicons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import {
  type NodeProps,
  type OnMove,
  Panel,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
  useStoreApi,
  type Viewport,
  ViewportPortal,
} from '@xyflow/react';
import { memo, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { runningQuery } from '../data/queries.ts';
import { IconButton } from '../design/button.tsx';
import { classes } from '../design/classes.ts';
import { useStore } from '../live/store.ts';
import { type CardNode, cardNodes, heldAt } from './card-nodes.ts';
import { folded, toggleFold } from './folded.ts';
import { FAR_ZOOM, mapView, mapViewAt } from './map-view.ts';
import { moving } from './moving.ts';
import { CARD, layoutOrg } from './org-layout.ts';
import { OrgLines } from './org-lines.tsx';
import { flatten, type TreeNode } from './org-tree.ts';
import { ROOT_PLACE, useCardDrag } from './use-card-drag.ts';
import { WorkspaceCard } from './workspace-card.tsx';

const NODE_TYPES = { workspace: memo(WorkspaceNode) };
const FIT = { padding: 0.12, maxZoom: 1, minZoom: 0.05 } as const;
/** With a finger a card is part of what is panned; the dialog moves it there. */
const canDrag = window.matchMedia('(pointer: fine)').matches;
/**
 * The wheel pans above cards as it does beside them. What React Flow asks of this name is `closest('.' + name)`, which the second word makes match nothing: a drag of a
 * card does not reach the pane anyway.
 */
const NO_PAN = 'card never';
/** A view that has not moved for so long is at rest. */
const REST_MS = 150;
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
  const before = useRef<readonly CardNode[]>([]);
  const nodes = useMemo(() => {
    const situation = { layout, closed, working, found, current, draggable: canDrag, onOpen: open, onFocus: setChosen };
    before.current = cardNodes(situation, before.current);
    return before.current;
  }, [layout, closed, working, found, current, open]);
  // The one that is dragged lies where the pointer holds it, and the one it would be dropped on shows it.
  const shown = useMemo(
    () =>
      nodes.map((node) =>
        node.id === drag?.id
          ? heldAt(node, drag.position)
          : node.id === drag?.over
            ? { ...node, data: { ...node.data, target: true } }
            : node,
      ),
    [nodes, drag],
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
  const state = useStoreApi();
  const look = useCallback(() => {
    const { transform, width, height } = state.getState();
    const [x, y, zoom] = transform;
    mapView.set(mapViewAt({ x, y, zoom }, { width, height }, resting.current !== null, mapView.get()));
  }, [state]);
  const resting = useRef<ReturnType<typeof setTimeout>>(null);
  const rest = useCallback(() => {
    if (resting.current !== null) clearTimeout(resting.current);
    resting.current = null;
    frame.current?.removeAttribute('data-moving');
    look();
  }, [look]);
  useLayoutEffect(() => {
    look();
    const leave = state.subscribe(look);
    return () => {
      leave();
      rest();
    };
  }, [state, look, rest]);
  const last = useRef<Viewport>(null);
  // The end of a move is not told when it ends where it began; therefore a move ends by itself.
  const move: OnMove = useCallback(
    (event, view) => {
      const still = view.x === last.current?.x && view.y === last.current.y && view.zoom === last.current.zoom;
      last.current = view;
      if (still) return;
      if (resting.current !== null) clearTimeout(resting.current);
      resting.current = setTimeout(rest, REST_MS);
      const byHand = event !== null && event.type !== 'wheel';
      frame.current?.setAttribute('data-moving', byHand ? 'by-hand' : '');
    },
    [rest],
  );

  const go = (id: string | undefined): void => {
    const place = layout.placed.find((each) => each.node.workspace.id === id);
    if (id === undefined || place === undefined) return;
    setChosen(id);
    moved.current = true;
    void flow.setCenter(place.x + CARD.width / 2, place.y + CARD.height / 2, {
      zoom: Math.max(FAR_ZOOM + 0.1, flow.getZoom()),
      duration: motion(),
    });
    frame.current?.querySelector<HTMLElement>(`[data-workspace="${id}"]`)?.focus({ preventScroll: true });
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
        nodeTypes={NODE_TYPES}
        nodesDraggable={canDrag}
        nodeDragThreshold={6}
        nodesConnectable={false}
        nodesFocusable={false}
        elementsSelectable={false}
        disableKeyboardA11y
        panOnScroll
        noPanClassName={NO_PAN}
        onMoveStart={(event) => {
          // Null = it was us.
          if (event !== null) moved.current = true;
        }}
        // Not from the start on: a press that moves nothing stays a click on what lies below.
        onMove={move}
        onMoveEnd={rest}
        zoomOnDoubleClick={false}
        minZoom={0.05}
        maxZoom={1.6}
        fitView
        fitViewOptions={FIT}
        proOptions={{ hideAttribution: true }}
      >
        <ViewportPortal>
          <OrgLines layout={layout} />
        </ViewportPortal>
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

function WorkspaceNode({ data, positionAbsoluteX, positionAbsoluteY }: NodeProps<CardNode>) {
  return <WorkspaceCard {...data} x={positionAbsoluteX} y={positionAbsoluteY} />;
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

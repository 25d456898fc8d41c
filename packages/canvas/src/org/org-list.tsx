import { ArrowSwitchIcon, ChevronDownIcon, ChevronRightIcon } from '@primer/octicons-react';
import { Link } from '@tanstack/react-router';
import { IconButton } from '../design/button.tsx';
import { classes } from '../design/classes.ts';
import { Empty } from '../design/empty.tsx';
import { SignalMarks } from '../design/signal-marks.tsx';
import { isResting } from '../design/status.ts';
import { StatusLabel } from '../design/status-mark.tsx';
import { Ago } from '../design/time.tsx';
import { useStore } from '../live/store.ts';
import { folded, toggleFold } from './folded.ts';
import { moving } from './moving.ts';
import { flatten, type TreeNode } from './org-tree.ts';

const INDENT_PX = 20;
const NOTHING_FOLDED: ReadonlySet<string> = new Set();

/** The same org as the map, line by line. With a filter it shows what was found, wherever it hangs. */
export function OrgList({
  forest,
  found,
}: {
  readonly forest: readonly TreeNode[];
  readonly found: ReadonlySet<string> | null;
}) {
  const hidden = useStore(folded);
  const rows =
    found === null
      ? flatten(forest, hidden)
      : flatten(forest, NOTHING_FOLDED).filter((node) => found.has(node.workspace.id));
  if (rows.length === 0) return <Empty title="No workspace matches">Change or clear the filters above.</Empty>;
  return (
    <div className="min-h-0 flex-1 overflow-auto bg-surface" tabIndex={0} role="region" aria-label="Workspaces">
      <table className="w-full text-sm">
        <thead className="sticky top-0 z-10 bg-surface text-left text-xs text-ink-2 max-md:sr-only">
          <tr className="shadow-[inset_0_-1px_0_var(--color-line)] [&>th]:h-9 [&>th]:px-3 [&>th]:font-medium">
            <th scope="col" className="!pl-4">
              Name
            </th>
            <th scope="col">State</th>
            <th scope="col">Signals</th>
            <th scope="col" className="max-lg:hidden">
              Runtime
            </th>
            <th scope="col" className="max-xl:hidden">
              Model
            </th>
            <th scope="col" className="max-xl:hidden">
              Heard
            </th>
            <th scope="col">
              <span className="sr-only">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((node) => (
            <Row
              key={node.workspace.id}
              node={node}
              depth={found === null ? node.depth : 0}
              closed={hidden.has(node.workspace.id)}
              foldable={found === null && node.children.length > 0}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({
  node,
  depth,
  closed,
  foldable,
}: {
  readonly node: TreeNode;
  readonly depth: number;
  readonly closed: boolean;
  readonly foldable: boolean;
}) {
  const { workspace } = node;
  return (
    <tr className="border-b border-line [contain-intrinsic-size:auto_44px] [content-visibility:auto] hover:bg-hover [&>td]:h-11 [&>td]:px-3 max-md:[&>td]:h-14">
      <td className="!pl-4">
        <div className="flex min-w-0 items-center gap-1" style={{ paddingLeft: depth * INDENT_PX }}>
          {foldable ? (
            <button
              type="button"
              aria-expanded={!closed}
              aria-label={`${closed ? 'Unfold' : 'Fold'} ${workspace.name}`}
              onClick={() => toggleFold(workspace.id)}
              className="flex size-6 shrink-0 items-center justify-center rounded-sm text-ink-3 hover:text-ink"
            >
              {closed ? <ChevronRightIcon size={14} /> : <ChevronDownIcon size={14} />}
            </button>
          ) : (
            <span className="w-6 shrink-0" />
          )}
          <Link
            to="/w/$id/$tab"
            params={{ id: workspace.id, tab: 'chat' }}
            className="min-w-0 rounded-sm py-1 font-medium break-words hover:underline"
          >
            <bdi>{workspace.name}</bdi>
          </Link>
          {closed && <span className="text-xs text-ink-3">+{node.below}</span>}
        </div>
      </td>
      <td>
        <StatusLabel status={workspace.status} className="text-ink-2" />
      </td>
      <td>
        <SignalMarks signals={workspace.signals} stale={isResting(workspace.status)} />
      </td>
      <td className={classes('max-lg:hidden', 'text-ink-2')}>{workspace.runtime}</td>
      <td className="text-ink-2 max-xl:hidden">{workspace.model ?? 'none'}</td>
      <td className="text-ink-2 max-xl:hidden">
        {workspace.lastHeartbeatAt === null ? 'never' : <Ago at={workspace.lastHeartbeatAt} />}
      </td>
      <td className="w-10 !pl-0">
        <IconButton
          label={`Move ${workspace.name}`}
          onClick={() => moving.set({ id: workspace.id, to: undefined })}
          className="text-ink-3"
        >
          <ArrowSwitchIcon size={14} />
        </IconButton>
      </td>
    </tr>
  );
}

import { HubotIcon, PlusIcon } from '@primer/octicons-react';
import { useLocation, useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useDeferredValue, useMemo } from 'react';
import { useOrg } from '../data/workspaces.ts';
import { Button } from '../design/button.tsx';
import { Empty } from '../design/empty.tsx';
import { ProblemNotice } from '../design/problem-notice.tsx';
import { Spinner } from '../design/spinner.tsx';
import { sheet } from '../shell/layout-state.ts';
import { isFiltered, matches } from './org-filter.ts';
import { OrgList } from './org-list.tsx';
import type { OrgSearch } from './org-search.ts';
import { OrgToolbar } from './org-toolbar.tsx';
import { orgForest } from './org-tree.ts';
import { useIsWide } from './use-is-wide.ts';

const OrgMap = lazy(() => import('./org-map.tsx').then((module) => ({ default: module.OrgMap })));

/** The org: everyone but the concierge, as a map or as a list. */
export function OrgPage() {
  const search: OrgSearch = useSearch({ strict: false });
  const { pathname } = useLocation();
  const { members, error, isPending, refetch } = useOrg();
  const settled = useDeferredValue(members);
  const forest = useMemo(() => orgForest(settled), [settled]);
  const wide = useIsWide();
  const view = search.view ?? (wide ? 'map' : 'list');
  const found = useMemo(
    () => new Set(settled.filter((each) => matches(each, search)).map((each) => each.id)),
    [settled, search],
  );

  if (isPending)
    return (
      <div className="flex flex-1 items-center justify-center text-ink-3">
        <Spinner size={18} />
        <span className="sr-only">Loading the org</span>
      </div>
    );
  if (error !== null)
    return (
      <div className="p-4">
        <ProblemNotice error={error} action={<Button onClick={() => void refetch()}>Try again</Button>} />
      </div>
    );
  return (
    <>
      <OrgToolbar members={members} found={found.size} search={search} view={view} home={pathname === '/'} />
      {members.length === 0 ? (
        <div className="flex flex-1 items-center justify-center">
          <Empty
            icon={<HubotIcon size={24} />}
            title="No workspaces yet"
            action={
              <Button look="solid" icon={<PlusIcon size={14} />} onClick={() => sheet.set('create')}>
                Create a workspace
              </Button>
            }
          >
            Each workspace is one agent in its own box. Ask the concierge for one, or create it here.
          </Empty>
        </div>
      ) : view === 'list' ? (
        <OrgList forest={forest} found={isFiltered(search) ? found : null} />
      ) : (
        <Suspense fallback={<div className="flex-1" />}>
          <OrgMap forest={forest} found={isFiltered(search) ? found : null} />
        </Suspense>
      )}
    </>
  );
}

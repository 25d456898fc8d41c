import { ListUnorderedIcon, PlusIcon, SearchIcon, WorkflowIcon } from '@primer/octicons-react';
import { useNavigate } from '@tanstack/react-router';
import type { Workspace } from '../api/wire.generated.ts';
import { Button } from '../design/button.tsx';
import { classes } from '../design/classes.ts';
import { sheet } from '../shell/layout-state.ts';
import { isFiltered, STATE_LABEL, stateOf } from './org-filter.ts';
import { ORG_STATES, type OrgSearch } from './org-search.ts';

export interface OrgToolbarProps {
  readonly members: readonly Workspace[];
  readonly found: number;
  readonly search: OrgSearch;
  readonly view: 'map' | 'list';
  readonly home: boolean;
}

const SELECT =
  'max-md:order-3 max-md:flex-1 h-8 max-w-40 rounded-md border border-line-strong bg-surface pl-2.5 text-sm text-ink max-md:h-10';

export function OrgToolbar({ members, found, search, view, home }: OrgToolbarProps) {
  const navigate = useNavigate();
  const set = (change: { readonly [K in keyof OrgSearch]?: OrgSearch[K] | undefined }): void => {
    const next = Object.fromEntries(
      Object.entries({ ...search, ...change }).filter(([, value]) => value !== undefined && value !== ''),
    ) as OrgSearch; // only undefined and empty fields are taken out
    void navigate({ to: home ? '/' : '/org', search: next, replace: true });
  };
  const runtimes = [...new Set(members.map((each) => each.runtime))].sort();
  const trouble = members.filter((each) => stateOf(each) === 'attention').length;
  return (
    <div className="flex min-h-14 shrink-0 items-center gap-2 border-b max-md:flex-wrap bg-surface px-4 py-2">
      <div className="mr-auto min-w-0">
        <h2 className="text-base leading-5 font-semibold">Org</h2>
        <p className="tabular text-xs whitespace-nowrap text-ink-2">
          {isFiltered(search) ? `${found} of ${members.length}` : members.length}{' '}
          {members.length === 1 ? 'workspace' : 'workspaces'}
          {trouble > 0 && !isFiltered(search) && (
            <button
              type="button"
              onClick={() => set({ state: 'attention' })}
              className="ml-1.5 font-medium text-red underline-offset-2 hover:underline"
            >
              {trouble} {trouble === 1 ? 'needs' : 'need'} attention
            </button>
          )}
        </p>
      </div>
      {members.length > 0 && (
        <>
          <label className="relative min-w-0 max-md:order-2 max-md:basis-[45%] max-md:flex-1">
            <span className="sr-only">Search workspaces</span>
            <SearchIcon
              size={14}
              className="pointer-events-none absolute top-1/2 left-2.5 -translate-y-1/2 text-ink-3"
            />
            <input
              type="search"
              value={search.q ?? ''}
              onChange={(event) => set({ q: event.target.value })}
              placeholder="Search"
              className="h-8 w-32 min-w-0 max-w-full rounded-md border border-line-strong bg-surface pr-2 pl-8 text-sm max-md:h-10 max-md:w-full max-md:text-lg"
            />
          </label>
          <select
            aria-label="State"
            value={search.state ?? ''}
            onChange={(event) => set({ state: ORG_STATES.find((each) => each === event.target.value) })}
            className={SELECT}
          >
            <option value="">Any state</option>
            {ORG_STATES.map((state) => (
              <option key={state} value={state}>
                {STATE_LABEL[state]}
              </option>
            ))}
          </select>
          {(runtimes.length > 1 || search.runtime !== undefined) && (
            <select
              aria-label="Runtime"
              value={search.runtime ?? ''}
              onChange={(event) => set({ runtime: event.target.value })}
              className={SELECT}
            >
              <option value="">Any runtime</option>
              {runtimes.map((runtime) => (
                <option key={runtime}>{runtime}</option>
              ))}
            </select>
          )}
          <div
            role="group"
            aria-label="View"
            className="flex shrink-0 rounded-md border border-line-strong p-0.5 max-md:hidden"
          >
            {(['map', 'list'] as const).map((each) => (
              <button
                key={each}
                type="button"
                aria-pressed={view === each}
                aria-label={each === 'map' ? 'Map' : 'List'}
                title={each === 'map' ? 'Map' : 'List'}
                onClick={() => set({ view: each })}
                className={classes(
                  'flex h-6.5 w-8 items-center justify-center rounded-sm',
                  view === each ? 'bg-hover text-ink' : 'text-ink-3 hover:text-ink',
                )}
              >
                {each === 'map' ? <WorkflowIcon size={14} /> : <ListUnorderedIcon size={14} />}
              </button>
            ))}
          </div>
        </>
      )}
      <Button
        look="solid"
        icon={<PlusIcon size={14} />}
        onClick={() => sheet.set('create')}
        title="Create a workspace  (c)"
      >
        New<span className="sr-only"> workspace</span>
      </Button>
    </div>
  );
}

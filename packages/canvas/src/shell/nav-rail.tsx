import {
  GearIcon,
  HomeIcon,
  type Icon,
  InboxIcon,
  PulseIcon,
  QuestionIcon,
  SearchIcon,
  WorkflowIcon,
} from '@primer/octicons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useLocation } from '@tanstack/react-router';
import { inboxQuery } from '../data/org-queries.ts';
import { useOrg } from '../data/workspaces.ts';
import { classes } from '../design/classes.ts';
import { sheet } from './layout-state.ts';
import { LineMark } from './line-mark.tsx';
import { Logo } from './logo.tsx';

const PLACES: readonly {
  readonly to: '/' | '/org' | '/inbox' | '/activity' | '/settings';
  readonly label: string;
  readonly icon: Icon;
  readonly under: readonly string[];
}[] = [
  { to: '/', label: 'Home', icon: HomeIcon, under: [] },
  { to: '/org', label: 'Org', icon: WorkflowIcon, under: ['/w/'] },
  { to: '/inbox', label: 'Inbox', icon: InboxIcon, under: [] },
  { to: '/activity', label: 'Activity', icon: PulseIcon, under: [] },
  { to: '/settings', label: 'Settings', icon: GearIcon, under: ['/settings/'] },
];

const ITEM =
  'relative flex flex-col items-center justify-center gap-1 rounded-md text-2xs font-medium transition-colors h-12 w-12 max-md:h-14 max-md:w-full max-md:rounded-none';

export function NavRail() {
  const { pathname } = useLocation();
  const { members } = useOrg();
  const waiting = useQuery(inboxQuery).data?.length ?? 0;
  const trouble = members.filter(
    (each) => each.status === 'failed' || each.status === 'offline' || each.status === 'degraded',
  ).length;
  return (
    <nav
      aria-label="Main"
      className="flex shrink-0 border-line bg-surface max-md:border-t md:w-16 md:flex-col md:items-center md:border-r md:py-3"
    >
      <Link to="/" aria-label="Molecule, home" className="mb-3 rounded-md max-md:hidden">
        <Logo />
      </Link>
      <ul className="flex max-md:w-full md:flex-col md:gap-1">
        {PLACES.map(({ to, label, icon: PlaceIcon, under }) => {
          const here = pathname === to || under.some((each) => pathname.startsWith(each));
          return (
            <li key={to} className="max-md:flex-1">
              <Link
                to={to}
                aria-current={here ? 'page' : undefined}
                className={classes(
                  ITEM,
                  here ? 'bg-hover text-ink max-md:bg-transparent' : 'text-ink-2 hover:bg-hover hover:text-ink',
                )}
              >
                <PlaceIcon size={16} />
                {label}
                {to === '/inbox' && waiting > 0 && (
                  <span className="absolute top-1 right-1 min-w-4 rounded-full bg-solid px-1 text-center text-[10px] leading-4 text-on-solid max-md:right-[calc(50%-1.5rem)]">
                    <span className="sr-only">wait for you: </span>
                    {waiting}
                  </span>
                )}
                {to === '/org' && trouble > 0 && (
                  <span className="absolute top-1 right-1 min-w-4 rounded-full bg-red-solid px-1 text-center text-[10px] leading-4 text-white max-md:right-[calc(50%-1.5rem)]">
                    <span className="sr-only">need attention: </span>
                    {trouble}
                  </span>
                )}
              </Link>
            </li>
          );
        })}
      </ul>
      <div className="mt-auto flex flex-col items-center gap-1 max-md:hidden">
        <LineMark />
        <button
          type="button"
          onClick={() => sheet.set('palette')}
          title="Search and commands  (Ctrl K)"
          className={classes(ITEM, 'text-ink-2 hover:bg-hover hover:text-ink')}
        >
          <SearchIcon size={16} />
          Search
        </button>
        <button
          type="button"
          onClick={() => sheet.set('help')}
          title="Keyboard shortcuts  (?)"
          className={classes(ITEM, 'text-ink-2 hover:bg-hover hover:text-ink')}
        >
          <QuestionIcon size={16} />
          Help
        </button>
      </div>
    </nav>
  );
}

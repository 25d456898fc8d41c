import { Outlet, useLocation } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { classes } from '../design/classes.ts';
import { useStore } from '../live/store.ts';
import { ConciergeColumn } from './concierge-column.tsx';
import { ConnectionNotice } from './connection-notice.tsx';
import { columnOpen } from './layout-state.ts';
import { NavRail } from './nav-rail.tsx';
import { SessionEnded } from './session-ended.tsx';
import { Sheets } from './sheets.tsx';
import { useShortcuts } from './use-shortcuts.ts';

/** The page: ways to go at the side (below, on a phone), the concierge, and the stage where everything else is shown. */
export function AppShell() {
  useShortcuts();
  const { pathname } = useLocation();
  const home = pathname === '/';
  const pinned = useStore(columnOpen);
  const ownPage = useOwnPage();
  // Beside a workspace the concierge needs a wide screen; at home it is always there; on the org page the org has all the room.
  const column = home ? 'flex' : pinned && pathname !== '/org' && !ownPage ? 'hidden xl:flex' : 'hidden';
  return (
    <div className="flex h-dvh flex-col">
      <a href="#stage" className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:bg-raised focus:p-3">
        Skip to the content
      </a>
      <ConnectionNotice />
      <div className="flex min-h-0 flex-1 max-md:flex-col-reverse">
        <NavRail />
        <div className="flex min-h-0 min-w-0 flex-1">
          <aside
            aria-label="Concierge"
            className={classes(
              'min-h-0 w-full flex-col bg-surface md:min-w-[21rem] md:border-r',
              home ? 'md:w-[44%] md:max-w-[36rem]' : 'md:w-[30%] md:max-w-[26rem]',
              column,
            )}
          >
            <ConciergeColumn />
          </aside>
          <main
            id="stage"
            tabIndex={-1}
            className={classes('min-h-0 min-w-0 flex-1 flex-col outline-none', home ? 'hidden md:flex' : 'flex')}
          >
            <Outlet />
          </main>
        </div>
      </div>
      <Sheets />
      <SessionEnded />
    </div>
  );
}

/** True where the stage shows the concierge itself: it does not stand beside itself. */
function useOwnPage(): boolean {
  const { pathname } = useLocation();
  const [own, setOwn] = useState(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs again when these change, and only then
  useEffect(() => setOwn(document.getElementById('stage')?.querySelector('[data-concierge]') != null), [pathname]);
  return own;
}

import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { parseOrgSearch } from './org/org-search.ts';
import { isSettingsSection } from './settings/sections.ts';
import { App } from './shell/app.tsx';
import { NotFound } from './shell/not-found.tsx';
import { PageProblem } from './shell/page-problem.tsx';
import { parseFileSearch } from './workspace/files/file-search.ts';
import { isTab } from './workspace/tabs.ts';

const root = createRootRoute({ component: App, notFoundComponent: NotFound, errorComponent: PageProblem });

const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  validateSearch: parseOrgSearch,
  component: lazyRouteComponent(() => import('./org/org-page.tsx'), 'OrgPage'),
});
const org = createRoute({
  getParentRoute: () => root,
  path: '/org',
  validateSearch: parseOrgSearch,
  component: lazyRouteComponent(() => import('./org/org-page.tsx'), 'OrgPage'),
});
const workspace = createRoute({
  getParentRoute: () => root,
  path: '/w/$id',
  beforeLoad: ({ params }) => {
    throw redirect({ to: '/w/$id/$tab', params: { id: params.id, tab: 'chat' }, replace: true });
  },
});
const workspaceTab = createRoute({
  getParentRoute: () => root,
  path: '/w/$id/$tab',
  validateSearch: parseFileSearch,
  beforeLoad: ({ params }) => {
    if (!isTab(params.tab))
      throw redirect({ to: '/w/$id/$tab', params: { id: params.id, tab: 'chat' }, replace: true });
  },
  component: lazyRouteComponent(() => import('./workspace/workspace-page.tsx'), 'WorkspacePage'),
});
const activity = createRoute({
  getParentRoute: () => root,
  path: '/activity',
  component: lazyRouteComponent(() => import('./activity/activity-page.tsx'), 'ActivityPage'),
});
const inbox = createRoute({
  getParentRoute: () => root,
  path: '/inbox',
  component: lazyRouteComponent(() => import('./inbox/inbox-page.tsx'), 'InboxPage'),
});
const settings = createRoute({
  getParentRoute: () => root,
  path: '/settings',
  beforeLoad: () => {
    throw redirect({ to: '/settings/$section', params: { section: 'tokens' }, replace: true });
  },
});
const settingsSection = createRoute({
  getParentRoute: () => root,
  path: '/settings/$section',
  beforeLoad: ({ params }) => {
    if (!isSettingsSection(params.section))
      throw redirect({ to: '/settings/$section', params: { section: 'tokens' }, replace: true });
  },
  component: lazyRouteComponent(() => import('./settings/settings-page.tsx'), 'SettingsPage'),
});

export const router = createRouter({
  routeTree: root.addChildren([home, org, workspace, workspaceTab, activity, inbox, settings, settingsSection]),
  defaultPreload: 'intent',
  defaultPendingMinMs: 0,
  scrollRestoration: false,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}

import { Link, useParams } from '@tanstack/react-router';
import { type ComponentType, lazy, Suspense } from 'react';
import { classes } from '../design/classes.ts';
import { Loading } from '../design/loading.tsx';
import { isSettingsSection, SECTIONS, type SettingsSection } from './sections.ts';

const BODIES: Readonly<Record<SettingsSection, ComponentType>> = {
  members: lazy(() => import('./members-section.tsx').then((module) => ({ default: module.MembersSection }))),
  tokens: lazy(() => import('./tokens-section.tsx').then((module) => ({ default: module.TokensSection }))),
  secrets: lazy(() => import('./secrets-section.tsx').then((module) => ({ default: module.SecretsSection }))),
  plugins: lazy(() => import('./allowlist-section.tsx').then((module) => ({ default: module.AllowlistSection }))),
  budgets: lazy(() => import('./budgets-section.tsx').then((module) => ({ default: module.BudgetsSection }))),
  runtimes: lazy(() => import('./runtimes-section.tsx').then((module) => ({ default: module.RuntimesSection }))),
  audit: lazy(() => import('./audit-section.tsx').then((module) => ({ default: module.AuditSection }))),
  page: lazy(() => import('./page-section.tsx').then((module) => ({ default: module.PageSection }))),
};

/** What is the same for the whole org and for the person. */
export function SettingsPage() {
  const { section = '' } = useParams({ strict: false });
  const chosen: SettingsSection = isSettingsSection(section) ? section : 'tokens';
  const Body = BODIES[chosen];
  return (
    <>
      <header className="flex min-h-14 shrink-0 items-center border-b bg-surface px-4">
        <h1 className="text-base font-semibold">Settings</h1>
      </header>
      <div className="flex min-h-0 flex-1 bg-surface max-lg:flex-col">
        <nav
          aria-label="Settings"
          className="flex shrink-0 gap-0.5 overflow-x-auto [scrollbar-width:none] max-lg:border-b max-lg:px-2 lg:w-44 lg:flex-col lg:border-r lg:p-2.5"
        >
          {SECTIONS.map(({ key, label }) => (
            <Link
              key={key}
              to="/settings/$section"
              params={{ section: key }}
              replace
              aria-current={key === chosen ? 'page' : undefined}
              className={classes(
                'flex h-8 shrink-0 items-center px-2.5 text-sm whitespace-nowrap max-lg:-mb-px max-lg:h-11 max-lg:border-b-2 lg:rounded-md',
                'focus-visible:outline-offset-[-2px]',
                key === chosen
                  ? 'font-medium text-ink max-lg:border-ink lg:bg-hover'
                  : 'border-transparent text-ink-2 hover:text-ink lg:hover:bg-hover',
              )}
            >
              {label}
            </Link>
          ))}
        </nav>
        <div
          className="min-h-0 min-w-0 flex-1 overflow-y-auto"
          tabIndex={0}
          role="region"
          aria-label={SECTIONS.find(({ key }) => key === chosen)?.label}
        >
          <div className="mx-auto max-w-[54rem] space-y-8 px-4 py-5">
            <Suspense fallback={<Loading />}>
              <Body />
            </Suspense>
          </div>
        </div>
      </div>
    </>
  );
}

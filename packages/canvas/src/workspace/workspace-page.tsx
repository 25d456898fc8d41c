import { ChevronRightIcon, PauseIcon, PlayIcon, SyncIcon } from '@primer/octicons-react';
import { Link, useParams } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import type { Workspace } from '../api/wire.generated.ts';
import { ConversationView } from '../chat/conversation.tsx';
import { useOrg } from '../data/workspaces.ts';
import { Button } from '../design/button.tsx';
import { classes } from '../design/classes.ts';
import { Empty } from '../design/empty.tsx';
import { ProblemNotice } from '../design/problem-notice.tsx';
import { SignalMarks } from '../design/signal-marks.tsx';
import { Spinner } from '../design/spinner.tsx';
import { isResting } from '../design/status.ts';
import { StatusLabel } from '../design/status-mark.tsx';
import { DemoTag } from '../shell/demo-tag.tsx';
import { isTab, TABS, type Tab } from './tabs.ts';
import { TroubleStrip } from './trouble-strip.tsx';
import { useLifecycle } from './use-lifecycle.ts';

const PANELS = {
  readiness: lazy(() => import('./readiness-tab.tsx').then((module) => ({ default: module.ReadinessTab }))),
  timeline: lazy(() => import('./timeline-tab.tsx').then((module) => ({ default: module.TimelineTab }))),
  plugins: lazy(() => import('./plugins-tab.tsx').then((module) => ({ default: module.PluginsTab }))),
  model: lazy(() => import('./model/model-tab.tsx').then((module) => ({ default: module.ModelTab }))),
  tasks: lazy(() => import('./tasks-tab.tsx').then((module) => ({ default: module.TasksTab }))),
  files: lazy(() => import('./files/files-tab.tsx').then((module) => ({ default: module.FilesTab }))),
  terminal: lazy(() => import('./terminal/terminal-tab.tsx').then((module) => ({ default: module.TerminalTab }))),
  settings: lazy(() => import('./settings-tab.tsx').then((module) => ({ default: module.SettingsTab }))),
} satisfies Record<Exclude<Tab, 'chat'>, unknown>;

/** Everything about one workspace. */
export function WorkspacePage() {
  const { id = '', tab = 'chat' } = useParams({ strict: false });
  const { members, concierge, isPending, error } = useOrg();
  const workspace = concierge?.id === id ? concierge : members.find((each) => each.id === id || each.name === id);
  if (isPending)
    return (
      <div className="flex flex-1 items-center justify-center text-ink-3">
        <Spinner size={18} />
      </div>
    );
  if (error !== null)
    return (
      <div className="p-4">
        <ProblemNotice error={error} />
      </div>
    );
  if (workspace === undefined) {
    return (
      <Empty
        title="This workspace is not there"
        action={
          <Link to="/org" className="text-blue underline">
            Show the org
          </Link>
        }
      >
        It was removed, or the link is wrong.
      </Empty>
    );
  }
  return <Panel key={workspace.id} workspace={workspace} tab={isTab(tab) ? tab : 'chat'} />;
}

function Panel({ workspace, tab }: { readonly workspace: Workspace; readonly tab: Tab }) {
  const platform = workspace.kind === 'platform';
  const Body = tab === 'chat' ? null : PANELS[tab];
  return (
    <section
      aria-label={workspace.name}
      className="flex min-h-0 flex-1 flex-col bg-surface"
      {...(platform ? { 'data-concierge': '' } : {})}
    >
      <Header workspace={workspace} />
      <nav
        aria-label="Views of this workspace"
        className="flex shrink-0 gap-1 overflow-x-auto border-b px-3 [scrollbar-width:none]"
      >
        {TABS.map(({ key, label }) => (
          <Link
            key={key}
            to="/w/$id/$tab"
            params={{ id: workspace.id, tab: key }}
            replace
            aria-current={key === tab ? 'page' : undefined}
            // On a small screen the tabs are wider than it: the chosen one is brought into sight.
            ref={key === tab ? inSight : undefined}
            className={classes(
              '-mb-px flex h-9 shrink-0 items-center border-b-2 px-2 text-sm whitespace-nowrap focus-visible:outline-offset-[-2px] max-md:h-11',
              key === tab ? 'border-ink font-medium text-ink' : 'border-transparent text-ink-2 hover:text-ink',
            )}
          >
            {label}
          </Link>
        ))}
      </nav>
      {tab !== 'readiness' && <TroubleStrip workspace={workspace} />}
      {Body === null ? (
        <ConversationView workspace={workspace} />
      ) : (
        <div
          className="min-h-0 flex-1 overflow-y-auto"
          tabIndex={0}
          role="region"
          aria-label={TABS.find((each) => each.key === tab)?.label}
        >
          <div className="mx-auto max-w-[54rem] px-4 py-5">
            <Suspense
              fallback={
                <div className="flex justify-center py-10 text-ink-3">
                  <Spinner size={18} />
                </div>
              }
            >
              <Body workspace={workspace} />
            </Suspense>
          </div>
        </div>
      )}
    </section>
  );
}

function inSight(element: HTMLElement | null): void {
  element?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
}

function Header({ workspace }: { readonly workspace: Workspace }) {
  const { members } = useOrg();
  const { restart, pause, resume } = useLifecycle(workspace);
  const parent = members.find((each) => each.id === workspace.parentId);
  const resting = workspace.status === 'paused' || workspace.status === 'hibernated';
  return (
    <header className="px-4 pt-3 pb-1">
      <p className="flex min-h-5 items-center gap-1 text-xs text-ink-2">
        <Link to="/org" className="rounded-sm hover:text-ink hover:underline">
          Org
        </Link>
        {parent !== undefined && (
          <>
            <ChevronRightIcon size={12} />
            <Link
              to="/w/$id/$tab"
              params={{ id: parent.id, tab: 'chat' }}
              className="max-w-40 truncate rounded-sm hover:text-ink hover:underline"
            >
              <bdi>{parent.name}</bdi>
            </Link>
          </>
        )}
      </p>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <h1 className="min-w-0 text-xl font-semibold tracking-tight break-words">
          <bdi>{workspace.name}</bdi>
        </h1>
        <SignalMarks signals={workspace.signals} stale={isResting(workspace.status)} />
        <div className="ml-auto flex items-center gap-2">
          {resting ? (
            <Button icon={<PlayIcon size={14} />} busy={resume.isPending} onClick={() => resume.mutate()}>
              {workspace.status === 'paused' ? 'Resume' : 'Wake'}
            </Button>
          ) : (
            <>
              {workspace.kind !== 'platform' && (
                <Button
                  look="quiet"
                  icon={<PauseIcon size={14} />}
                  busy={pause.isPending}
                  onClick={() => pause.mutate()}
                >
                  Pause
                </Button>
              )}
              <Button icon={<SyncIcon size={14} />} busy={restart.isPending} onClick={() => restart.mutate()}>
                Restart
              </Button>
            </>
          )}
        </div>
      </div>
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1 pt-1 pb-2 text-xs text-ink-2">
        <StatusLabel status={workspace.status} />
        <span className="text-ink-3" aria-hidden="true">
          ·
        </span>
        <span>{workspace.runtime}</span>
        <span className="text-ink-3" aria-hidden="true">
          ·
        </span>
        <span>{workspace.model ?? 'no model'}</span>
        <DemoTag model={workspace.model} />
      </p>
      {Object.entries({ restart, pause, resume }).map(
        ([deed, { error }]) => error !== null && <ProblemNotice key={deed} error={error} className="mb-2" />,
      )}
    </header>
  );
}

import { PlusIcon } from '@primer/octicons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { EventList } from '../activity/event-list.tsx';
import type { MoleculeEvent, Workspace } from '../api/wire.generated.ts';
import { historyQuery, pluginsQuery, readinessQuery } from '../data/queries.ts';
import { Button } from '../design/button.tsx';
import { Loading } from '../design/loading.tsx';
import { ProblemNotice } from '../design/problem-notice.tsx';
import { Section } from '../design/section.tsx';
import { InstallPluginDialog } from './install-plugin.tsx';
import { PluginRow } from './plugin-row.tsx';
import { PluginUpdates } from './plugin-updates.tsx';

const PLUGIN_EVENTS: readonly MoleculeEvent['type'][] = [
  'plugin.declared',
  'plugin.refused',
  'plugin.installed',
  'plugin.uninstalled',
  'plugin.failed',
  'plugin.changed',
];

/** What the workspace can do because of its plugins, and how to give it more or less. */
export function PluginsTab({ workspace }: { readonly workspace: Workspace }) {
  const plugins = useQuery(pluginsQuery(workspace.id));
  const readiness = useQuery(readinessQuery(workspace.id));
  const history = useInfiniteQuery(historyQuery(workspace.id, PLUGIN_EVENTS));
  const [installing, setInstalling] = useState(false);
  const items = plugins.data ?? [];
  return (
    <div className="space-y-7">
      <Section
        title="Plugins"
        hint="Each brings servers with tools, skills, or both."
        action={
          <Button look="solid" icon={<PlusIcon size={14} />} onClick={() => setInstalling(true)}>
            Install
          </Button>
        }
      >
        {plugins.error !== null && (
          <ProblemNotice
            error={plugins.error}
            action={<Button onClick={() => void plugins.refetch()}>Try again</Button>}
          />
        )}
        {plugins.isPending && <Loading />}
        {plugins.data !== undefined && items.length === 0 && <p className="text-ink-2">It has no plugins.</p>}
        <ul className="space-y-3">
          {items.map((plugin) => (
            <PluginRow key={plugin.name} plugin={plugin} workspace={workspace} seen={readiness.data?.servers ?? []} />
          ))}
        </ul>
      </Section>
      <PluginUpdates workspace={workspace} />
      <Section title="Changes" hint="Plugins declared, installed, refused.">
        {history.error !== null && <ProblemNotice error={history.error} />}
        <EventList events={(history.data?.pages ?? []).flatMap((page) => page.items)} showWorkspace={false} />
      </Section>
      {installing && (
        <InstallPluginDialog
          workspace={workspace}
          present={items.map((each) => each.name)}
          onClose={() => setInstalling(false)}
        />
      )}
    </div>
  );
}

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../api/client.ts';
import type { Readiness, Workspace, WorkspacePlugin } from '../api/wire.generated.ts';
import { pluginsQuery } from '../data/queries.ts';
import { Button } from '../design/button.tsx';
import { plainText } from '../design/plain-text.ts';
import { ProblemNotice } from '../design/problem-notice.tsx';
import { Tag } from '../design/tag.tsx';
import { HeldTools } from './held-tools.tsx';
import { toolName } from './tool-name.ts';

const ORIGIN = { protected: 'Protected', declared: 'From the template', installed: 'Installed' } as const;

export interface PluginRowProps {
  readonly plugin: WorkspacePlugin;
  readonly workspace: Workspace;
  /** The servers as they were proved in the present box. */
  readonly seen: Readiness['servers'];
}

export function PluginRow({ plugin, workspace, seen }: PluginRowProps) {
  const client = useQueryClient();
  const [sure, setSure] = useState(false);
  const remove = useMutation({
    mutationFn: () =>
      call('DELETE /api/v1/workspaces/{id}/plugins/{name}', {
        path: { id: workspace.id, name: plugin.name },
        query: {},
      }),
    onSuccess: () => void client.invalidateQueries({ queryKey: pluginsQuery(workspace.id).queryKey }),
  });
  return (
    <li className="hairline rounded-lg px-4 py-3">
      <div className="flex flex-wrap items-center gap-2">
        <span className="font-medium break-words">{plainText(plugin.title)}</span>
        <Tag title={plugin.origin === 'protected' ? 'Part of what this workspace is; it cannot be removed.' : ''}>
          {ORIGIN[plugin.origin]}
        </Tag>
        {plugin.privileged && (
          <Tag tone="amber" title="Only the concierge may have it.">
            Privileged
          </Tag>
        )}
        {plugin.required && <Tag>Required</Tag>}
        {plugin.state !== 'ready' && (
          <Tag tone={plugin.state === 'failed' ? 'red' : 'blue'}>
            {plugin.state === 'failed' ? 'Not fetched' : 'Being fetched'}
          </Tag>
        )}
        <span className="ml-auto" />
        {plugin.origin === 'installed' &&
          (sure ? (
            <>
              <Button look="danger" busy={remove.isPending} onClick={() => remove.mutate()}>
                Remove
              </Button>
              <Button look="quiet" onClick={() => setSure(false)}>
                Keep
              </Button>
            </>
          ) : (
            <Button aria-label={`Remove ${plugin.name}`} onClick={() => setSure(true)}>
              Remove
            </Button>
          ))}
      </div>
      {plugin.description !== '' && <p className="mt-0.5 break-words text-ink-2">{plainText(plugin.description)}</p>}
      <p className="mt-0.5 font-mono text-2xs break-all text-ink-2">
        {plainText(plugin.resolved ?? plugin.source)}
        {plugin.digest !== null && `, ${plugin.digest.slice(0, 19)}`}
      </p>
      {plugin.failure !== null && (
        <div className="mt-2 rounded-md bg-red-soft px-3 py-2">
          <p className="font-medium break-words">{plainText(plugin.failure.message)}</p>
          <p className="text-ink-2">{plainText(plugin.failure.hint)}</p>
          <p className="font-mono text-2xs text-ink-2">{plugin.failure.code}</p>
        </div>
      )}
      {plugin.servers.map((server) => {
        const tools = seen.find((each) => each.server === server.name)?.tools ?? null;
        return (
          <div key={server.name} className="mt-2.5">
            <p className="text-xs text-ink-2">
              Server <span className="font-mono text-ink">{plainText(server.name)}</span>
              {server.required && ', required'}
              {server.tools === 'held' && (
                <span className="text-red">, held back: its tools changed since they were accepted</span>
              )}
              {server.tools === 'flagged' && <span className="text-amber">, its tools changed</span>}
              {server.shadowedBy !== null && (
                <span className="text-amber">, left out: {plainText(server.shadowedBy)} has a server of this name</span>
              )}
            </p>
            {server.tools !== 'pinned' && server.change !== null && (
              <HeldTools workspaceId={workspace.id} server={server.name} change={server.change} />
            )}
            {tools === null ? (
              <p className="text-xs text-ink-2">Its tools have not been seen yet.</p>
            ) : (
              <ul aria-label={`Tools of ${server.name}`} className="mt-1 flex flex-wrap gap-1.5">
                {tools.map((tool) => (
                  <li key={tool} className="rounded-sm bg-hover px-1.5 py-0.5 font-mono text-xs break-all">
                    {plainText(toolName(tool, server.name))}
                  </li>
                ))}
              </ul>
            )}
          </div>
        );
      })}
      {plugin.skills.length > 0 && (
        <p className="mt-2.5 text-xs text-ink-2">
          Skills <span className="font-mono text-ink">{plugin.skills.map(plainText).join(', ')}</span>
        </p>
      )}
      {plugin.dropped.length > 0 && (
        <p className="mt-1 text-xs text-amber">Not carried over: {plugin.dropped.map(plainText).join(', ')}</p>
      )}
      {remove.error !== null && <ProblemNotice error={remove.error} className="mt-2" />}
    </li>
  );
}

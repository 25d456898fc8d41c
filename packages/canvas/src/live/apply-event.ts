import type { InfiniteData, QueryClient } from '@tanstack/react-query';
import { call } from '../api/client.ts';
import type { Message, MoleculeEvent, Routes, Signals, TurnEvent, Workspace } from '../api/wire.generated.ts';
import { type MessagePages, upsertMessage } from '../chat/message-pages.ts';
import { prependEvent } from './history-pages.ts';
import { dropTurn, noteTurn } from './turn-store.ts';

/** Changes that come close together cause one request. */
const SETTLE_MS = 120;
type History = Routes['GET /api/v1/events']['reply'];

/** Changes what is shown according to an event of the server. Idempotent: the same event twice changes nothing more. */
export function createEventApplier(client: QueryClient): (events: readonly MoleculeEvent[]) => void {
  const stale = new Map<string, readonly unknown[]>();
  const reload = new Set<string>();
  // biome-ignore lint/correctness/noUnusedVariables: read by `??=`: one timer at a time
  let timer: ReturnType<typeof setTimeout> | undefined;

  const later = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      for (const queryKey of stale.values()) void client.invalidateQueries({ queryKey });
      stale.clear();
      const ids = [...reload];
      reload.clear();
      if (ids.length > 4) void client.invalidateQueries({ queryKey: ['workspaces'] });
      else for (const id of ids) void reloadWorkspace(client, id);
    }, SETTLE_MS);
  };
  const outdated = (...key: readonly unknown[]): void => {
    stale.set(JSON.stringify(key), key);
    later();
  };

  const outdatedUse = (workspaceId: string | null): void => {
    outdated('usage', workspaceId);
    outdated('usage', null);
    outdated('budgets');
  };

  const apply = (event: MoleculeEvent): void => {
    const { type, workspaceId, taskId, data } = event;
    if (type !== 'turn.events') {
      client.setQueriesData<InfiniteData<History>>(
        { queryKey: ['history'], predicate: ({ queryKey }) => belongs(queryKey, event) },
        (known) => known && prependEvent(known, event),
      );
    }
    switch (type) {
      case 'workspace.status':
        patchWorkspace(client, workspaceId, {
          status: data['to'] as Workspace['status'],
          statusReason: (data['reason'] ?? null) as string | null,
        }); // data of applyTransition
        if (data['to'] === 'online') reload.add(workspaceId ?? '');
        outdated('readiness', workspaceId);
        break;
      case 'workspace.signals':
        patchWorkspace(client, workspaceId, { signals: data['signals'] as Signals }); // data of storeAssessment
        outdated('readiness', workspaceId);
        break;
      case 'workspace.updated': {
        const change = changeOf(data['changed']);
        if (change === null) reload.add(workspaceId ?? '');
        else patchWorkspace(client, workspaceId, change);
        outdated('readiness', workspaceId);
        break;
      }
      case 'workspace.created':
        reload.add(workspaceId ?? '');
        outdated('readiness', workspaceId);
        break;
      case 'workspace.removed':
        client.setQueryData<readonly Workspace[]>(['workspaces'], (list) =>
          list?.filter((each) => each.id !== workspaceId),
        );
        // Its children moved up.
        outdated('workspaces');
        break;
      case 'boot.event':
        outdated('boot-events', workspaceId);
        outdated('readiness', workspaceId);
        break;
      case 'proof.passed':
      case 'proof.failed':
      case 'gate.refused':
      case 'drift.repaired':
      case 'drift.contested':
        outdated('readiness', workspaceId);
        outdated('inbox');
        break;
      case 'plugin.declared':
      case 'plugin.installed':
      case 'plugin.uninstalled':
      case 'plugin.failed':
      case 'plugin.refused':
      case 'plugin.changed':
        outdated('plugin-changes', workspaceId);
        outdated('plugins', workspaceId);
        outdated('readiness', workspaceId);
        outdated('inbox');
        break;
      case 'message.created':
      case 'message.updated': {
        const message = data['message'] as Message; // data of addTurn and finishTask
        const known = client.getQueryData(['messages', message.conversationId]);
        client.setQueryData<MessagePages>(
          ['messages', message.conversationId],
          (pages) => pages && upsertMessage(pages, message),
        );
        if (known === undefined) outdated('conversations', workspaceId);
        if (type === 'message.updated' && message.taskId !== null) dropTurn(message.taskId);
        break;
      }
      case 'turn.events':
        if (taskId !== null) noteTurn(taskId, data as { attempt: number; from: number; events: TurnEvent[] }); // data of takeTaskEvents
        break;
      case 'task.started':
        client.setQueryData<Readonly<Record<string, string>>>(
          ['running'],
          (running) => running && { ...running, [taskId ?? '']: workspaceId ?? '' },
        );
        outdated('tasks', workspaceId);
        break;
      case 'task.created':
        outdated('tasks', workspaceId);
        break;
      case 'task.updated':
      case 'task.ended':
        if (type === 'task.ended' || data['status'] === 'queued') {
          client.setQueryData<Readonly<Record<string, string>>>(
            ['running'],
            (running) => running && Object.fromEntries(Object.entries(running).filter(([id]) => id !== taskId)),
          );
        }
        outdated('tasks', workspaceId);
        if (type === 'task.ended') outdatedUse(workspaceId);
        break;
      case 'budget.changed':
      case 'budget.warned':
      case 'budget.exhausted':
        outdated('budgets');
        outdated('inbox');
        break;
      case 'model.changed':
      case 'model.trouble':
      case 'model.recovered':
        outdated('model', ...(workspaceId === null ? [] : [workspaceId]));
        outdated('models');
        if (workspaceId === null) outdated('workspaces');
        else reload.add(workspaceId);
        break;
      case 'secret.changed':
        outdated('secrets');
        outdated('model');
        outdated('models');
        break;
      case 'files.changed':
        outdated('files', workspaceId);
        break;
      case 'token.created':
      case 'token.revoked':
        outdated('tokens');
        outdated('members');
        break;
      case 'host.connected':
      case 'host.lost':
        outdated('runtimes');
        break;
    }
    if (reload.size > 0) later();
  };
  return (events) => events.forEach(apply);
}

function belongs(key: readonly unknown[], event: MoleculeEvent): boolean {
  const [, workspaceId, types] = key;
  return (
    (workspaceId === null || workspaceId === event.workspaceId) && Array.isArray(types) && types.includes(event.type)
  );
}

/** Fields of a workspace that an event of changeWorkspace carries; null for any other. */
function changeOf(changed: unknown): Partial<Workspace> | null {
  if (typeof changed !== 'object' || changed === null) return null;
  const to = (field: string): unknown =>
    (changed as Readonly<Record<string, readonly unknown[] | undefined>>)[field]?.[1]; // pairs of before and after
  const { name, runtime, parent } = { name: to('name'), runtime: to('runtime'), parent: to('parent') };
  return {
    ...(typeof name === 'string' ? { name } : {}),
    ...(typeof runtime === 'string' ? { runtime } : {}),
    ...(typeof parent === 'string' ? { parentId: parent } : {}),
  };
}

function patchWorkspace(client: QueryClient, id: string | null, change: Partial<Workspace>): void {
  client.setQueryData<readonly Workspace[]>(['workspaces'], (list) =>
    list?.map((each) => (each.id === id ? { ...each, ...change } : each)),
  );
}

async function reloadWorkspace(client: QueryClient, id: string): Promise<void> {
  const fresh = await call('GET /api/v1/workspaces/{id}', { path: { id } }).catch(() => undefined);
  if (fresh === undefined) return;
  client.setQueryData<readonly Workspace[]>(['workspaces'], (list) => {
    if (list === undefined) return undefined;
    const others = list.filter((each) => each.id !== id);
    return fresh.status === 'removed'
      ? others
      : others.length === list.length
        ? [...list, fresh]
        : list.map((each) => (each.id === id ? fresh : each));
  });
}

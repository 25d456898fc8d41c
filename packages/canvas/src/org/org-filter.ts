import type { Workspace } from '../api/wire.generated.ts';
import type { OrgSearch, OrgState } from './org-search.ts';

export const STATE_LABEL: Readonly<Record<OrgState, string>> = {
  attention: 'Needs attention',
  online: 'Online',
  starting: 'Starting',
  resting: 'Paused or asleep',
};

export function stateOf(workspace: Workspace): OrgState {
  switch (workspace.status) {
    case 'online':
      return 'online';
    case 'provisioning':
    case 'booting':
      return 'starting';
    case 'paused':
    case 'hibernated':
    case 'removed':
      return 'resting';
    case 'degraded':
    case 'failed':
    case 'offline':
      return 'attention';
  }
}

export function matches(workspace: Workspace, { q, state, runtime }: OrgSearch): boolean {
  return (
    (q === undefined || workspace.name.toLocaleLowerCase().includes(q.toLocaleLowerCase())) &&
    (state === undefined || stateOf(workspace) === state) &&
    (runtime === undefined || workspace.runtime === runtime)
  );
}

export function isFiltered({ q, state, runtime }: OrgSearch): boolean {
  return q !== undefined || state !== undefined || runtime !== undefined;
}

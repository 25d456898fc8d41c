import { MoleculeError, type Workspace } from '@molecule/contracts';
import type { ApiClient } from '../client/api-client.ts';

/** The workspace that a command names, by id or name; without a name the concierge, whatever somebody has called it. */
export async function workspaceGiven(client: ApiClient, ref: string | undefined): Promise<Workspace> {
  if (ref !== undefined) return client.call<Workspace>('GET', `/api/v1/workspaces/${encodeURIComponent(ref)}`);
  for await (const workspace of client.items<Workspace>('/api/v1/workspaces?kind=platform')) return workspace;
  throw new MoleculeError('workspace_not_found', { params: { workspace: 'concierge' } });
}

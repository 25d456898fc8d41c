import { useMutation, useQueryClient } from '@tanstack/react-query';
import { call } from '../api/client.ts';
import type { Workspace } from '../api/wire.generated.ts';
import { workspacesQuery } from '../data/queries.ts';

/** Restart, pause, resume. What the server answers is shown at once; what follows from it comes with the events. */
export function useLifecycle(workspace: Workspace) {
  const client = useQueryClient();
  const path = { id: workspace.id };
  const onSuccess = (fresh: Workspace): void => {
    client.setQueryData(workspacesQuery.queryKey, (list) => list?.map((each) => (each.id === fresh.id ? fresh : each)));
  };
  return {
    restart: useMutation({ mutationFn: () => call('POST /api/v1/workspaces/{id}/restart', { path }), onSuccess }),
    pause: useMutation({ mutationFn: () => call('POST /api/v1/workspaces/{id}/pause', { path }), onSuccess }),
    resume: useMutation({ mutationFn: () => call('POST /api/v1/workspaces/{id}/resume', { path }), onSuccess }),
  };
}

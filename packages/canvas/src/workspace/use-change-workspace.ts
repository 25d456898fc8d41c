import { useMutation, useQueryClient } from '@tanstack/react-query';
import { call } from '../api/client.ts';
import type { ChangeWorkspaceInput } from '../api/wire.generated.ts';
import { workspacesQuery } from '../data/queries.ts';

/** Changes name, place or runtime; what the server answers is shown at once. `seen` makes the second of two editors hear of the first. */
export function useChangeWorkspace(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (change: ChangeWorkspaceInput) => call('PATCH /api/v1/workspaces/{id}', { path: { id }, body: change }),
    onSuccess: (fresh) =>
      client.setQueryData(workspacesQuery.queryKey, (list) => list?.map((each) => (each.id === id ? fresh : each))),
  });
}

import { useQuery } from '@tanstack/react-query';
import type { Workspace } from '../api/wire.generated.ts';
import { workspacesQuery } from './queries.ts';

const NONE: readonly Workspace[] = [];
let split: {
  readonly of: readonly Workspace[];
  readonly concierge: Workspace | undefined;
  readonly members: readonly Workspace[];
} = { of: NONE, concierge: undefined, members: NONE };

/** The concierge apart from the others: it is the shell of the page and is never drawn, counted or deleted like a workspace (B6, T47). */
export function splitOrg(all: readonly Workspace[]): {
  readonly concierge: Workspace | undefined;
  readonly members: readonly Workspace[];
} {
  if (split.of !== all)
    split = {
      of: all,
      concierge: all.find((each) => each.kind === 'platform'),
      members: all.filter((each) => each.kind !== 'platform'),
    };
  return split;
}

export function useOrg() {
  const { data, error, isPending, refetch } = useQuery(workspacesQuery);
  return { ...splitOrg(data ?? NONE), error, isPending, refetch };
}

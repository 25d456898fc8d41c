import { useMutation } from '@tanstack/react-query';
import { call } from '../api/client.ts';
import type { ToolChange } from '../api/wire.generated.ts';
import { inboxQuery } from '../data/org-queries.ts';
import { pluginsQuery } from '../data/queries.ts';
import { Button } from '../design/button.tsx';
import { plainText } from '../design/plain-text.ts';
import { ProblemNotice } from '../design/problem-notice.tsx';

/** Tools of a server that are not those that were accepted, and the consent of a person to them. */
export function HeldTools({
  workspaceId,
  server,
  change,
}: {
  readonly workspaceId: string;
  readonly server: string;
  readonly change: ToolChange;
}) {
  const accept = useMutation({
    mutationFn: () =>
      call('POST /api/v1/workspaces/{id}/plugins/servers/{name}/accept', { path: { id: workspaceId, name: server } }),
    onSuccess: (_reply, _input, _before, { client }) => {
      void client.invalidateQueries({ queryKey: pluginsQuery(workspaceId).queryKey });
      void client.invalidateQueries({ queryKey: inboxQuery.queryKey });
    },
  });
  const parts = (
    [
      ['added', change.added],
      ['gone', change.removed],
      ['changed', change.changed],
    ] as const
  ).filter(([, names]) => names.length > 0);
  return (
    <div className="mt-1.5 flex flex-wrap items-center gap-x-4 gap-y-2 rounded-md bg-amber-soft px-3 py-2">
      <div className="min-w-48 flex-1">
        {parts.map(([what, names]) => (
          <p key={what} className="text-xs break-words">
            {what}: <span className="font-mono">{names.map(plainText).join(', ')}</span>
          </p>
        ))}
      </div>
      <Button aria-label={`Accept the tools of ${server}`} busy={accept.isPending} onClick={() => accept.mutate()}>
        Accept
      </Button>
      {accept.error !== null && <ProblemNotice error={accept.error} className="w-full" />}
    </div>
  );
}

import { useState } from 'react';
import type { Workspace } from '../api/wire.generated.ts';
import { useOrg } from '../data/workspaces.ts';
import { Button } from '../design/button.tsx';
import { Choice, Field } from '../design/field.tsx';
import { Modal } from '../design/modal.tsx';
import { ProblemNotice } from '../design/problem-notice.tsx';
import { useChangeWorkspace } from '../workspace/use-change-workspace.ts';
import { countBelow, type Moving, possibleParents } from './moving.ts';

const ROOT = '';

/** Hangs a workspace somewhere else in the tree: says what that means, and asks. */
export function MoveDialog({ move, onClose }: { readonly move: Moving; readonly onClose: () => void }) {
  const { members } = useOrg();
  const workspace = members.find((each) => each.id === move.id);
  return (
    <Modal open onClose={onClose} title={workspace === undefined ? 'Move' : `Move ${workspace.name}`}>
      {workspace === undefined ? (
        <p className="px-5 pt-1 pb-5 text-ink-2">This workspace is not there any more.</p>
      ) : (
        <MoveForm workspace={workspace} members={members} to={move.to} onClose={onClose} />
      )}
    </Modal>
  );
}

function MoveForm({
  workspace,
  members,
  to,
  onClose,
}: {
  readonly workspace: Workspace;
  readonly members: readonly Workspace[];
  readonly to: Moving['to'];
  readonly onClose: () => void;
}) {
  const placeOf = (id: string | null): string => (members.some((each) => each.id === id) ? (id ?? ROOT) : ROOT);
  const nameOf = (place: string): string => members.find((each) => each.id === place)?.name ?? 'the concierge';
  // Where it was when the dialog opened: the server refuses the move if somebody else has moved it since.
  const [seen] = useState(workspace.parentId);
  const from = placeOf(seen);
  const [place, setPlace] = useState(to === undefined ? from : placeOf(to));
  const change = useChangeWorkspace(workspace.id);
  const below = countBelow(members, workspace.id);
  const submit = (): void =>
    change.mutate(
      { parentId: place === ROOT ? null : place, seen: { parentId: seen } },
      { onSuccess: () => onClose() },
    );
  return (
    <form
      className="flex flex-col gap-4 px-5 pt-1 pb-5"
      onSubmit={(event) => {
        event.preventDefault();
        if (place !== from) submit();
      }}
    >
      <Field label="Below">
        <Choice value={place} onChange={(event) => setPlace(event.target.value)} autoFocus={to === undefined}>
          <option value={ROOT}>The concierge</option>
          {possibleParents(members, workspace.id).map((each) => (
            <option key={each.id} value={each.id}>
              {each.name}
            </option>
          ))}
        </Choice>
      </Field>
      <p className="text-ink-2">
        {place === from ? (
          <>It hangs below {nameOf(from)} now.</>
        ) : (
          <>
            It moves from {nameOf(from)} to {nameOf(place)}
            {below > 0 && <>, with {below === 1 ? 'the one' : `the ${below}`} below it</>}. It goes on working; budgets
            and plugin rules of its new place hold from then on.
          </>
        )}
      </p>
      {change.error !== null && <ProblemNotice error={change.error} />}
      <div className="flex justify-end gap-2">
        <Button look="quiet" onClick={onClose}>
          Cancel
        </Button>
        <Button
          type="submit"
          look="solid"
          busy={change.isPending}
          disabled={place === from}
          autoFocus={to !== undefined}
        >
          Move
        </Button>
      </div>
    </form>
  );
}

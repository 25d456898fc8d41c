import { useState } from 'react';
import type { Workspace } from '../api/wire.generated.ts';
import { Button } from '../design/button.tsx';
import { Field, TextInput } from '../design/field.tsx';
import { Modal } from '../design/modal.tsx';
import { ProblemNotice } from '../design/problem-notice.tsx';
import { useChangeWorkspace } from './use-change-workspace.ts';

/** Gives a workspace another name. Of two people who do so at once the second one is told. */
export function RenameDialog({ workspace, onClose }: { readonly workspace: Workspace; readonly onClose: () => void }) {
  const [seen] = useState(workspace.name);
  const [name, setName] = useState(workspace.name);
  const change = useChangeWorkspace(workspace.id);
  const wanted = name.trim();
  return (
    <Modal open onClose={onClose} title={`Rename ${seen}`}>
      <form
        className="flex flex-col gap-4 px-5 pt-1 pb-5"
        onSubmit={(event) => {
          event.preventDefault();
          if (wanted !== '' && wanted !== seen)
            change.mutate({ name: wanted, seen: { name: seen } }, { onSuccess: () => onClose() });
        }}
      >
        <Field label="New name" hint="Its agent learns the new name; its address and conversations stay.">
          <TextInput
            autoFocus
            required
            maxLength={80}
            value={name}
            onFocus={(event) => event.target.select()}
            onChange={(event) => setName(event.target.value)}
          />
        </Field>
        {workspace.name !== seen && change.error === null && (
          <p role="status" className="rounded-md bg-amber-soft px-3 py-2 text-sm">
            Somebody has named it {workspace.name} meanwhile.
          </p>
        )}
        {change.error !== null && <ProblemNotice error={change.error} />}
        <div className="flex justify-end gap-2">
          <Button look="quiet" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" look="solid" busy={change.isPending} disabled={wanted === '' || wanted === seen}>
            Rename
          </Button>
        </div>
      </form>
    </Modal>
  );
}

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../../api/client.ts';
import { Button } from '../../design/button.tsx';
import { Field, TextInput } from '../../design/field.tsx';
import { ProblemNotice } from '../../design/problem-notice.tsx';
import { below } from './file-search.ts';

/** Makes an empty file or a folder. */
export function NameForm({
  workspaceId,
  path,
  what,
  onClose,
  onMade,
}: {
  readonly workspaceId: string;
  readonly path: string;
  readonly what: 'file' | 'folder';
  readonly onClose: () => void;
  readonly onMade: (name: string) => void;
}) {
  const client = useQueryClient();
  const [name, setName] = useState('');
  const make = useMutation({
    mutationFn: async () => {
      const place = below(path, name.trim());
      if (what === 'file')
        await call('PUT /api/v1/workspaces/{id}/files/content', {
          path: { id: workspaceId },
          body: { path: place, content: '', expected: null },
        });
      else
        await call('POST /api/v1/workspaces/{id}/files/folder', { path: { id: workspaceId }, body: { path: place } });
    },
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ['files', workspaceId] });
      onMade(name.trim());
    },
  });
  return (
    <form
      aria-label={`New ${what}`}
      className="hairline mb-3 space-y-3 rounded-lg bg-sunken px-4 py-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim() !== '') make.mutate();
      }}
    >
      <div className="flex items-end gap-2">
        <div className="flex-1">
          <Field label={`Name of the ${what}`}>
            <TextInput autoFocus value={name} onChange={(event) => setName(event.target.value)} />
          </Field>
        </div>
        <Button type="submit" look="solid" className="h-9" busy={make.isPending} disabled={name.trim() === ''}>
          Make
        </Button>
        <Button look="quiet" className="h-9" onClick={onClose}>
          Cancel
        </Button>
      </div>
      {make.error !== null && <ProblemNotice error={make.error} />}
    </form>
  );
}

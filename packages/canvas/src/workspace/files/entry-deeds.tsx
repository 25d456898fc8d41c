import { DownloadIcon, PencilIcon, TrashIcon } from '@primer/octicons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../../api/client.ts';
import type { FileEntry } from '../../api/wire.generated.ts';
import { Button, IconButton } from '../../design/button.tsx';
import { TextInput } from '../../design/field.tsx';
import { plainText } from '../../design/plain-text.ts';
import { ProblemNotice } from '../../design/problem-notice.tsx';
import { downloadAddress } from './download-address.ts';
import { below } from './file-search.ts';

/** Download, rename, delete. The last two ask once more, in their place. */
export function EntryDeeds({
  workspaceId,
  path,
  entry,
  mayWrite,
}: {
  readonly workspaceId: string;
  readonly path: string;
  readonly entry: FileEntry;
  readonly mayWrite: boolean;
}) {
  const client = useQueryClient();
  const [mode, setMode] = useState<'rename' | 'remove' | null>(null);
  const [next, setNext] = useState(entry.name);
  const place = below(path, entry.name);
  const onSuccess = (): void => {
    setMode(null);
    void client.invalidateQueries({ queryKey: ['files', workspaceId] });
  };
  const remove = useMutation({
    mutationFn: () =>
      call('DELETE /api/v1/workspaces/{id}/files', { path: { id: workspaceId }, query: { path: place } }),
    onSuccess,
  });
  const rename = useMutation({
    mutationFn: () =>
      call('POST /api/v1/workspaces/{id}/files/rename', {
        path: { id: workspaceId },
        body: { from: place, to: below(path, next.trim()) },
      }),
    onSuccess,
  });
  const name = plainText(entry.name);
  const problem = remove.error ?? rename.error;
  return (
    <>
      <span className="flex w-24 justify-end max-md:w-30">
        {entry.kind === 'file' && (
          <a
            href={downloadAddress(workspaceId, place)}
            download
            aria-label={`Download ${name}`}
            title="Download"
            className="inline-flex size-8 items-center justify-center rounded-md text-ink-2 hover:bg-hover hover:text-ink max-md:size-10"
          >
            <DownloadIcon size={14} />
          </a>
        )}
        {mayWrite && (
          <>
            <IconButton label={`Rename ${name}`} onClick={() => setMode(mode === 'rename' ? null : 'rename')}>
              <PencilIcon size={14} />
            </IconButton>
            <IconButton label={`Delete ${name}`} onClick={() => setMode(mode === 'remove' ? null : 'remove')}>
              <TrashIcon size={14} />
            </IconButton>
          </>
        )}
      </span>
      {mode === 'rename' && (
        <form
          aria-label={`Rename ${name}`}
          className="flex w-full gap-2 pb-2"
          onSubmit={(event) => {
            event.preventDefault();
            if (next.trim() !== '' && next !== entry.name) rename.mutate();
          }}
        >
          <TextInput autoFocus aria-label="New name" value={next} onChange={(event) => setNext(event.target.value)} />
          <Button type="submit" look="solid" className="h-9" busy={rename.isPending}>
            Rename
          </Button>
          <Button look="quiet" className="h-9" onClick={() => setMode(null)}>
            Cancel
          </Button>
        </form>
      )}
      {mode === 'remove' && (
        <p className="flex w-full flex-wrap items-center justify-end gap-2 pb-2">
          <span className="text-ink-2">
            {entry.kind === 'folder' ? 'Only an empty folder can be deleted.' : 'It is gone for good.'}
          </span>
          <Button look="danger" busy={remove.isPending} onClick={() => remove.mutate()}>
            Delete
          </Button>
          <Button look="quiet" onClick={() => setMode(null)}>
            Keep
          </Button>
        </p>
      )}
      {problem !== null && <ProblemNotice error={problem} className="mb-2 w-full" />}
    </>
  );
}

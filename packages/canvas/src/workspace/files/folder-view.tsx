import { FileDirectoryIcon, FileIcon, FileSymlinkFileIcon, PlusIcon, QuestionIcon } from '@primer/octicons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { FileEntry, Workspace } from '../../api/wire.generated.ts';
import { folderQuery } from '../../data/file-queries.ts';
import { Button } from '../../design/button.tsx';
import { Empty } from '../../design/empty.tsx';
import { Loading } from '../../design/loading.tsx';
import { plainText } from '../../design/plain-text.ts';
import { ProblemNotice } from '../../design/problem-notice.tsx';
import { Ago } from '../../design/time.tsx';
import { BoxProblem } from '../box-problem.tsx';
import { EntryDeeds } from './entry-deeds.tsx';
import { below, type FileSearch } from './file-search.ts';
import { fileSize } from './file-size.ts';
import { NameForm } from './name-form.tsx';
import { UploadNotices, useUploads } from './uploads.tsx';

const ICONS = { folder: FileDirectoryIcon, file: FileIcon, link: FileSymlinkFileIcon, other: QuestionIcon } as const;

export function FolderView({
  workspace,
  path,
  mayWrite,
  onGo,
}: {
  readonly workspace: Workspace;
  readonly path: string;
  readonly mayWrite: boolean;
  readonly onGo: (to: FileSearch) => void;
}) {
  const folder = useInfiniteQuery(folderQuery(workspace.id, path));
  const uploads = useUploads(workspace.id, path);
  const [making, setMaking] = useState<'file' | 'folder' | null>(null);
  const [over, setOver] = useState(false);
  const items = (folder.data?.pages ?? []).flatMap((page) => page.items);
  const { refetch } = folder;
  const { status } = workspace;
  // A box that comes up is looked into at once.
  useEffect(() => {
    if (status === 'online') void refetch();
  }, [status, refetch]);
  if (folder.error !== null && folder.data === undefined)
    return <BoxProblem workspace={workspace} error={folder.error} onRetry={() => void folder.refetch()} />;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping files is an addition to the button that does the same
    <div
      onDragOver={(event) => {
        if (!mayWrite || !event.dataTransfer.types.includes('Files')) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        if (mayWrite) uploads.add([...event.dataTransfer.files]);
      }}
    >
      {mayWrite && (
        <div className="mb-3 flex flex-wrap gap-2">
          <Button icon={<PlusIcon size={14} />} onClick={() => setMaking('file')}>
            New file
          </Button>
          <Button onClick={() => setMaking('folder')}>New folder</Button>
          <label className="inline-flex h-8 shrink-0 cursor-pointer items-center rounded-md border border-line-strong bg-surface px-3 text-sm font-medium hover:bg-hover has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-blue max-md:h-10">
            Upload
            <input
              type="file"
              multiple
              className="sr-only"
              onChange={(event) => {
                uploads.add([...(event.target.files ?? [])]);
                event.target.value = '';
              }}
            />
          </label>
        </div>
      )}
      {making !== null && (
        <NameForm
          workspaceId={workspace.id}
          path={path}
          what={making}
          onClose={() => setMaking(null)}
          onMade={(name) => {
            setMaking(null);
            onGo(making === 'file' ? { ...(path === '' ? {} : { path }), file: name } : { path: below(path, name) });
          }}
        />
      )}
      <UploadNotices uploads={uploads} />
      {folder.error !== null && folder.data !== undefined && <ProblemNotice error={folder.error} className="mb-3" />}
      {folder.isPending && <Loading />}
      {folder.data !== undefined && items.length === 0 && (
        <Empty title="Nothing here yet">
          {path === '' ? `What ${workspace.name} makes appears here.` : 'The folder is empty.'}
          {mayWrite && ' Drop files to upload them.'}
        </Empty>
      )}
      {items.length > 0 && (
        <ul
          aria-label="Files"
          className={`hairline divide-y divide-line rounded-lg ${over ? 'outline-2 outline-offset-2 outline-blue' : ''}`}
        >
          {items.map((entry) => (
            <EntryRow
              key={entry.name}
              workspaceId={workspace.id}
              path={path}
              entry={entry}
              mayWrite={mayWrite}
              onOpen={() =>
                onGo(
                  entry.kind === 'folder'
                    ? { path: below(path, entry.name) }
                    : { ...(path === '' ? {} : { path }), file: entry.name },
                )
              }
            />
          ))}
        </ul>
      )}
      {folder.hasNextPage && (
        <div className="mt-3 flex justify-center">
          <Button busy={folder.isFetchingNextPage} onClick={() => void folder.fetchNextPage()}>
            Show more
          </Button>
        </div>
      )}
    </div>
  );
}

function EntryRow({
  workspaceId,
  path,
  entry,
  mayWrite,
  onOpen,
}: {
  readonly workspaceId: string;
  readonly path: string;
  readonly entry: FileEntry;
  readonly mayWrite: boolean;
  readonly onOpen: () => void;
}) {
  const Icon = ICONS[entry.kind];
  const opens = entry.kind === 'folder' || entry.kind === 'file';
  const name = plainText(entry.name);
  return (
    <li className="flex min-h-10 flex-wrap items-center gap-x-3 px-4 py-1 hover:bg-hover max-md:min-h-12">
      <span className={entry.kind === 'folder' ? 'text-blue' : 'text-ink-3'}>
        <Icon size={14} aria-label={entry.kind} />
      </span>
      <span className="min-w-0 flex-1 basis-28">
        {opens ? (
          <button
            type="button"
            onClick={onOpen}
            className="max-w-full rounded-sm py-1 text-left break-all hover:underline"
          >
            <bdi>{name}</bdi>
          </button>
        ) : (
          <span className="break-all text-ink-2">
            <bdi>{name}</bdi>
            {entry.target !== null && (
              <span className="text-xs text-ink-3">
                {' → '}
                <bdi>{plainText(entry.target)}</bdi>, not followed
              </span>
            )}
          </span>
        )}
      </span>
      <span className="tabular w-16 text-right text-xs text-ink-2 max-md:hidden">
        {entry.size === null ? '' : fileSize(entry.size)}
      </span>
      <span className="w-24 text-right text-xs text-ink-2 max-md:hidden">
        <Ago at={entry.modifiedAt} />
      </span>
      <EntryDeeds workspaceId={workspaceId} path={path} entry={entry} mayWrite={mayWrite} />
    </li>
  );
}

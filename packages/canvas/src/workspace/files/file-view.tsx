import { DownloadIcon } from '@primer/octicons-react';
import { useQuery } from '@tanstack/react-query';
import type { Workspace } from '../../api/wire.generated.ts';
import { fileQuery } from '../../data/file-queries.ts';
import { Button } from '../../design/button.tsx';
import { Empty } from '../../design/empty.tsx';
import { Loading } from '../../design/loading.tsx';
import { BoxProblem } from '../box-problem.tsx';
import { downloadAddress } from './download-address.ts';
import { FileEditor } from './file-editor.tsx';
import { below, type FileSearch } from './file-search.ts';
import { fileSize } from './file-size.ts';

/** One file: text to read and edit, anything else to download. */
export function FileView({
  workspace,
  path,
  name,
  mayWrite,
  onGo,
}: {
  readonly workspace: Workspace;
  readonly path: string;
  readonly name: string;
  readonly mayWrite: boolean;
  readonly onGo: (to: FileSearch) => void;
}) {
  const place = below(path, name);
  const file = useQuery(fileQuery(workspace.id, place));
  const back = (): void => onGo(path === '' ? {} : { path });
  if (file.error !== null && file.data === undefined)
    return (
      <div className="space-y-3">
        <BoxProblem workspace={workspace} error={file.error} onRetry={() => void file.refetch()} />
        <div className="flex gap-2">
          <Button onClick={back}>Back to the folder</Button>
        </div>
      </div>
    );
  if (file.data === undefined) return <Loading />;
  const download = (
    <a
      href={downloadAddress(workspace.id, place)}
      download
      className="inline-flex h-8 items-center gap-1.5 rounded-md border border-line-strong bg-surface px-3 text-sm font-medium hover:bg-hover max-md:h-10"
    >
      <DownloadIcon size={14} />
      Download
    </a>
  );
  if (file.data.binary)
    return (
      <Empty title="This is no text" action={download}>
        {fileSize(file.data.size)} of another kind. It can be downloaded.
      </Empty>
    );
  return (
    <FileEditor
      workspaceId={workspace.id}
      file={file.data}
      mayWrite={mayWrite}
      download={download}
      onReload={async () => (await file.refetch()).data ?? null}
    />
  );
}

import { useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { Workspace } from '../../api/wire.generated.ts';
import { useMay } from '../../data/use-may.ts';
import { Empty } from '../../design/empty.tsx';
import { type FileSearch, parseFileSearch } from './file-search.ts';
import { FileView } from './file-view.tsx';
import { FolderView } from './folder-view.tsx';
import { PathLine } from './path-line.tsx';

/** The folder in which the agent works, as its running box has it. */
export function FilesTab({ workspace }: { readonly workspace: Workspace }) {
  const mayRead = useMay('files:read');
  const mayWrite = useMay('files:write');
  const { path = '', file } = parseFileSearch(useSearch({ strict: false }));
  const navigate = useNavigate();
  const client = useQueryClient();
  const go = (search: FileSearch): void => {
    void navigate({ to: '/w/$id/$tab', params: { id: workspace.id, tab: 'files' }, search });
  };
  if (!mayRead)
    return (
      <Empty title="You may not look into boxes">
        It takes the right to read files. An owner or admin of the org can give it.
      </Empty>
    );
  return (
    <div>
      <PathLine
        path={path}
        file={file}
        onGo={go}
        onReload={() => void client.invalidateQueries({ queryKey: ['files', workspace.id] })}
      />
      {file === undefined ? (
        <FolderView key={path} workspace={workspace} path={path} mayWrite={mayWrite} onGo={go} />
      ) : (
        <FileView key={`${path}/${file}`} workspace={workspace} path={path} name={file} mayWrite={mayWrite} onGo={go} />
      )}
    </div>
  );
}

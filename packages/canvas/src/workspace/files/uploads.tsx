import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../../api/client.ts';
import { ApiProblem, asProblem } from '../../api/problem.ts';
import { Button } from '../../design/button.tsx';
import { plainText } from '../../design/plain-text.ts';
import { Spinner } from '../../design/spinner.tsx';
import { below } from './file-search.ts';
import { fileSize } from './file-size.ts';

/** The server's limit, told before anything is sent. */
const LARGEST_BYTES = 10 * 1024 * 1024;

interface Upload {
  readonly file: File;
  readonly problem: ApiProblem | null;
}

export interface Uploads {
  readonly list: readonly Upload[];
  add(files: readonly File[]): void;
  replace(file: File): void;
  drop(file: File): void;
}

/** Sends files one after the other. One that is there already waits for a word. */
export function useUploads(workspaceId: string, path: string): Uploads {
  const client = useQueryClient();
  const [list, setList] = useState<readonly Upload[]>([]);
  const drop = (file: File): void => setList((now) => now.filter((each) => each.file !== file));
  const send = async (file: File, replaces: boolean): Promise<void> => {
    setList((now) => [...now.filter((each) => each.file !== file), { file, problem: null }]);
    try {
      if (file.size > LARGEST_BYTES)
        throw new ApiProblem({
          code: 'file_too_large',
          status: 413,
          detail: `It has ${fileSize(file.size)}.`,
          hint: 'At most 10 MiB can be sent at once.',
        });
      await call('PUT /api/v1/workspaces/{id}/files/content', {
        path: { id: workspaceId },
        body: {
          path: below(path, file.name),
          content: await base64Of(file),
          encoding: 'base64',
          ...(replaces ? {} : { expected: null }),
        },
      });
      drop(file);
      void client.invalidateQueries({ queryKey: ['files', workspaceId] });
    } catch (error) {
      setList((now) => now.map((each) => (each.file === file ? { file, problem: asProblem(error) } : each)));
    }
  };
  return {
    list,
    drop,
    replace: (file) => void send(file, true),
    add: (files) => void files.reduce((before, file) => before.then(() => send(file, false)), Promise.resolve()),
  };
}

export function UploadNotices({ uploads }: { readonly uploads: Uploads }) {
  if (uploads.list.length === 0) return null;
  return (
    <ul aria-label="Uploads" className="hairline mb-3 divide-y divide-line rounded-lg">
      {uploads.list.map(({ file, problem }) => (
        <li key={`${file.name}${file.lastModified}`} className="flex flex-wrap items-center gap-2 px-4 py-2">
          <span className="min-w-0 flex-1 break-all">
            <bdi>{plainText(file.name)}</bdi>{' '}
            <span className={problem === null ? 'text-xs text-ink-2' : 'text-xs text-red'} role="status">
              {problem === null ? fileSize(file.size) : `${problem.message} ${problem.hint}`}
            </span>
          </span>
          {problem === null && <Spinner />}
          {problem?.code === 'file_exists' && <Button onClick={() => uploads.replace(file)}>Replace it</Button>}
          {problem !== null && (
            <Button look="quiet" onClick={() => uploads.drop(file)}>
              Dismiss
            </Button>
          )}
        </li>
      ))}
    </ul>
  );
}

function base64Of(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => {
      const address = String(reader.result);
      resolve(address.slice(address.indexOf(',') + 1));
    };
    reader.onerror = () => reject(new Error(`${file.name} cannot be read`));
    reader.readAsDataURL(file);
  });
}

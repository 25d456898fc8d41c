import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useEffect, useState } from 'react';
import { call } from '../../api/client.ts';
import { asProblem } from '../../api/problem.ts';
import type { FileContent } from '../../api/wire.generated.ts';
import { fileQuery } from '../../data/file-queries.ts';
import { Button } from '../../design/button.tsx';
import { ProblemNotice } from '../../design/problem-notice.tsx';
import { Ago } from '../../design/time.tsx';
import { fileSize } from './file-size.ts';

/**
 * The text of a file. Saving says which version was read, so that of two who edit the second one is told; nothing that was typed goes
 * away without a word.
 */
export function FileEditor({
  workspaceId,
  file,
  mayWrite,
  download,
  onReload,
}: {
  readonly workspaceId: string;
  readonly file: FileContent;
  readonly mayWrite: boolean;
  readonly download: ReactNode;
  readonly onReload: () => Promise<FileContent | null>;
}) {
  const [base, setBase] = useState({ etag: file.etag, text: file.content });
  const [text, setText] = useState(file.content);
  const dirty = text !== base.text;
  const overtaken = file.etag !== base.etag;
  // Nobody's words are at stake: what is there now is shown.
  if (overtaken && (!dirty || file.content === text)) {
    setBase({ etag: file.etag, text: file.content });
    if (!dirty) setText(file.content);
  }
  const save = useMutation({
    mutationFn: (expected: string) =>
      call('PUT /api/v1/workspaces/{id}/files/content', {
        path: { id: workspaceId },
        body: { path: file.path, content: text, expected },
      }),
    onSuccess: (written, _input, _before, { client }) => {
      setBase({ etag: written.etag, text });
      client.setQueryData(fileQuery(workspaceId, file.path).queryKey, { ...file, ...written, content: text });
      void client.invalidateQueries({ queryKey: ['files', workspaceId, 'folder'] });
    },
    onError: (error) => {
      if (asProblem(error).code === 'file_changed') void onReload();
    },
  });
  useEffect(() => {
    if (!dirty) return;
    const warn = (event: BeforeUnloadEvent): void => event.preventDefault();
    addEventListener('beforeunload', warn);
    return () => removeEventListener('beforeunload', warn);
  }, [dirty]);
  const conflict = dirty && overtaken;
  return (
    <div>
      <div className="mb-2 flex flex-wrap items-center gap-2">
        <span className="text-xs text-ink-2">
          {fileSize(file.size)}, <Ago at={file.modifiedAt} />
        </span>
        <span role="status" className="text-xs text-ink-2">
          {dirty ? 'Not saved yet' : save.isSuccess ? 'Saved' : ''}
        </span>
        <span className="ml-auto" />
        {download}
        {mayWrite && (
          <>
            <Button look="quiet" disabled={!dirty} onClick={() => setText(base.text)}>
              Undo all
            </Button>
            <Button
              look="solid"
              title="Ctrl S"
              disabled={!dirty || conflict}
              busy={save.isPending}
              onClick={() => save.mutate(base.etag)}
            >
              Save
            </Button>
          </>
        )}
      </div>
      {conflict && (
        <div role="alert" className="mb-2 flex flex-wrap items-center gap-2 rounded-md bg-amber-soft px-3 py-2.5">
          <p className="min-w-52 flex-1">
            <span className="font-medium">Somebody else changed this file while you were editing.</span> What you typed
            is still here.
          </p>
          <Button
            onClick={() => {
              setBase({ etag: file.etag, text: file.content });
              setText(file.content);
              save.reset();
            }}
          >
            Take theirs
          </Button>
          <Button look="danger" busy={save.isPending} onClick={() => save.mutate(file.etag)}>
            Keep mine
          </Button>
        </div>
      )}
      {save.error !== null && asProblem(save.error).code !== 'file_changed' && (
        <ProblemNotice error={save.error} className="mb-2" />
      )}
      <textarea
        aria-label={`Text of ${file.path.split('/').at(-1)}`}
        value={text}
        readOnly={!mayWrite}
        spellCheck={false}
        wrap="off"
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if ((event.ctrlKey || event.metaKey) && event.key === 's') {
            event.preventDefault();
            if (mayWrite && dirty && !conflict) save.mutate(base.etag);
          }
        }}
        className="hairline block min-h-[52vh] w-full resize-y rounded-lg bg-sunken px-3.5 py-3 font-mono text-xs leading-5 max-md:text-lg"
      />
    </div>
  );
}

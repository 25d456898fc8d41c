import { SyncIcon } from '@primer/octicons-react';
import { Fragment } from 'react';
import { IconButton } from '../../design/button.tsx';
import { plainText } from '../../design/plain-text.ts';
import type { FileSearch } from './file-search.ts';

/** Where one is, each part of it a way back. */
export function PathLine({
  path,
  file,
  onGo,
  onReload,
}: {
  readonly path: string;
  readonly file: string | undefined;
  readonly onGo: (to: FileSearch) => void;
  readonly onReload: () => void;
}) {
  const folders = path === '' ? [] : path.split('/');
  const crumbs = [
    { label: 'Work folder', to: {} },
    ...folders.map((name, index) => ({ label: plainText(name), to: { path: folders.slice(0, index + 1).join('/') } })),
  ];
  return (
    <div className="mb-3 flex items-center gap-2">
      <nav aria-label="Folder" className="flex min-w-0 flex-1 flex-wrap items-center gap-x-1 text-base">
        {crumbs.map(({ label, to }, index) => (
          <Fragment key={folders.slice(0, index).join('/')}>
            {index > 0 && (
              <span aria-hidden="true" className="text-ink-3">
                /
              </span>
            )}
            {index === crumbs.length - 1 && file === undefined ? (
              <span aria-current="location" className="rounded-sm px-0.5 font-semibold break-all">
                <bdi>{label}</bdi>
              </span>
            ) : (
              <button
                type="button"
                onClick={() => onGo(to)}
                className="rounded-sm px-0.5 break-all text-ink-2 hover:text-ink hover:underline max-md:min-h-8"
              >
                <bdi>{label}</bdi>
              </button>
            )}
          </Fragment>
        ))}
        {file !== undefined && (
          <>
            <span aria-hidden="true" className="text-ink-3">
              /
            </span>
            <span aria-current="location" className="px-0.5 font-semibold break-all">
              <bdi>{plainText(file)}</bdi>
            </span>
          </>
        )}
      </nav>
      <IconButton label="Look again" onClick={onReload}>
        <SyncIcon size={14} />
      </IconButton>
    </div>
  );
}

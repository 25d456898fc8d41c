/** Where the files tab stands: a folder, and a file of it. Part of the address, so that a view can be linked to. */
export interface FileSearch {
  readonly path?: string;
  readonly file?: string;
}

export function parseFileSearch(search: Record<string, unknown>): FileSearch {
  const { path, file } = search;
  return {
    ...(typeof path === 'string' && path !== '' ? { path } : {}),
    ...(typeof file === 'string' && file !== '' ? { file } : {}),
  };
}

export function below(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

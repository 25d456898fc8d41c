import { fileURLToPath } from 'node:url';

/** Path of a CLI in `tests/runtimes`, where `npm ci --prefix tests/runtimes` puts them at exact versions. It need not exist: then its tests fail. */
export function installedRuntime(name: string): string {
  return fileURLToPath(new URL(`../../../../tests/runtimes/node_modules/.bin/${name}`, import.meta.url));
}

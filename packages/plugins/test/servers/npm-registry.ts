import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { closed } from './git-server.ts';

export interface NpmRegistry {
  readonly url: string;
  readonly requests: { readonly path: string; readonly authorization: string | undefined }[];
  publish(
    name: string,
    version: string,
    tarball: Buffer,
    more?: { readonly tag?: string; readonly integrity?: string | null; readonly tarballUrl?: string },
  ): void;
  unpublish(name: string): void;
  /** What is served as the tarball from now on, whatever was published. */
  replaceTarball(name: string, version: string, tarball: Buffer): void;
  behave(how: 'serve' | 'hang' | 'hang-tarball'): void;
  close(): Promise<void>;
}

interface Published {
  readonly tags: Record<string, string>;
  readonly versions: Record<
    string,
    { readonly name: string; readonly version: string; readonly dist: Record<string, string> }
  >;
  readonly tarballs: Map<string, Buffer>;
}

/** A small npm registry over HTTP: package documents and tarballs, with or without a token. */
export async function npmRegistry(options: { readonly token?: string } = {}): Promise<NpmRegistry> {
  const packages = new Map<string, Published>();
  const requests: NpmRegistry['requests'] = [];
  let behaviour: 'serve' | 'hang' | 'hang-tarball' = 'serve';
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://x').pathname);
    requests.push({ path, authorization: request.headers.authorization });
    const [name = '', file] = path.slice(1).split('/-/');
    if (behaviour === 'hang' || (behaviour === 'hang-tarball' && file !== undefined)) return;
    if (options.token !== undefined && request.headers.authorization !== `Bearer ${options.token}`)
      return void response.writeHead(401).end('{}');
    const found = packages.get(name);
    if (found === undefined) return void response.writeHead(404).end('{}');
    if (file === undefined) {
      return void response
        .writeHead(200, { 'content-type': 'application/vnd.npm.install-v1+json' })
        .end(JSON.stringify({ name, 'dist-tags': found.tags, versions: found.versions }));
    }
    const tarball = found.tarballs.get(file);
    if (tarball === undefined) return void response.writeHead(404).end();
    response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(tarball);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // listening on TCP
  return {
    url,
    requests,
    publish: (name, version, tarball, more = {}) => {
      const found: Published = packages.get(name) ?? { tags: {}, versions: {}, tarballs: new Map() };
      packages.set(name, found);
      const file = `${name.split('/').at(-1)}-${version}.tgz`;
      const integrity =
        more.integrity === undefined
          ? `sha512-${createHash('sha512').update(tarball).digest('base64')}`
          : more.integrity;
      found.tags[more.tag ?? 'latest'] = version;
      found.versions[version] = {
        name,
        version,
        dist: { tarball: more.tarballUrl ?? `${url}/${name}/-/${file}`, ...(integrity === null ? {} : { integrity }) },
      };
      found.tarballs.set(file, tarball);
    },
    unpublish: (name) => void packages.delete(name),
    replaceTarball: (name, version, tarball) =>
      void packages.get(name)?.tarballs.set(`${name.split('/').at(-1)}-${version}.tgz`, tarball),
    behave: (how) => {
      behaviour = how;
    },
    close: () => closed(server),
  };
}

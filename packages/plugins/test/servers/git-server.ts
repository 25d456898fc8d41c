import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export interface GitServer {
  readonly url: string;
  /** Requests in the order they came: method, path, and whether a credential came with them. */
  readonly requests: { readonly method: string; readonly path: string; readonly authorization: string | undefined }[];
  /** From now on every request hangs, is refused, or is served. */
  behave(how: 'serve' | 'hang' | 'gone'): void;
  /** Commits files to a repository (made if new) and gives the commit. A value `null` removes a file; `link:x` makes a link. */
  commit(
    repo: string,
    files: Readonly<Record<string, string | Buffer | null>>,
    more?: { tag?: string; moveTag?: string; branch?: string; executable?: string[] },
  ): string;
  remove(repo: string): void;
  close(): Promise<void>;
}

export interface GitServerOptions {
  /** With it every request needs this `user:password`. */
  readonly credential?: string;
}

/** A real git server: git's own http-backend behind a small HTTP server. */
export async function gitServer(options: GitServerOptions = {}): Promise<GitServer> {
  const root = mkdtempSync(join(tmpdir(), 'molecule-git-server-'));
  const requests: GitServer['requests'] = [];
  const backend = join(execFileSync('git', ['--exec-path'], { encoding: 'utf8' }).trim(), 'git-http-backend');
  let behaviour: 'serve' | 'hang' | 'gone' = 'serve';
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://x');
    requests.push({ method: request.method ?? '', path: url.pathname, authorization: request.headers.authorization });
    if (behaviour === 'hang') return;
    if (behaviour === 'gone') return void response.writeHead(404).end();
    if (
      options.credential !== undefined &&
      request.headers.authorization !== `Basic ${Buffer.from(options.credential).toString('base64')}`
    ) {
      return void response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
    }
    serve(backend, root, url, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // listening on TCP
  const git = (cwd: string, ...args: string[]): string =>
    execFileSync(
      'git',
      [
        '-c',
        'user.name=t',
        '-c',
        'user.email=t@example.org',
        '-c',
        'init.defaultBranch=main',
        '-c',
        'core.symlinks=true',
        ...args,
      ],
      {
        cwd,
        encoding: 'utf8',
        env: { PATH: process.env['PATH'], GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1', HOME: root },
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    ).trim();
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    behave: (how) => {
      behaviour = how;
    },
    commit: (repo, files, more = {}) => {
      const work = join(root, 'work', repo);
      const bare = join(root, `${repo}.git`);
      mkdirSync(work, { recursive: true });
      git(work, 'init', '--quiet');
      if (more.branch !== undefined) git(work, 'checkout', '--quiet', '-B', more.branch);
      for (const [path, content] of Object.entries(files)) {
        const full = join(work, path);
        if (content === null) rmSync(full);
        else {
          mkdirSync(dirname(full), { recursive: true });
          if (typeof content === 'string' && content.startsWith('link:'))
            execFileSync('ln', ['-sfn', content.slice(5), full]);
          else writeFileSync(full, content, { mode: more.executable?.includes(path) === true ? 0o755 : 0o644 });
        }
      }
      git(work, 'add', '--all');
      git(work, 'commit', '--quiet', '--allow-empty', '-m', 'change');
      if (more.tag !== undefined) git(work, 'tag', '-a', '-m', 'release', more.tag);
      if (more.moveTag !== undefined) git(work, 'tag', '-f', '-a', '-m', 'moved', more.moveTag);
      git(root, 'init', '--quiet', '--bare', bare);
      git(work, 'push', '--quiet', '--force', bare, '--all');
      git(work, 'push', '--quiet', '--force', bare, '--tags');
      git(bare, 'config', 'http.receivepack', 'false');
      return git(work, 'rev-parse', 'HEAD');
    },
    remove: (repo) => rmSync(join(root, `${repo}.git`), { recursive: true }),
    close: async () => {
      await closed(server);
      rmSync(root, { recursive: true, force: true });
    },
  };
}

function serve(backend: string, root: string, url: URL, request: IncomingMessage, response: ServerResponse): void {
  const child = spawn(backend, {
    env: {
      PATH: process.env['PATH'],
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: decodeURIComponent(url.pathname),
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      ...(request.headers['content-length'] === undefined ? {} : { CONTENT_LENGTH: request.headers['content-length'] }),
    },
  });
  request.pipe(child.stdin);
  child.stdin.on('error', () => undefined);
  let head = Buffer.alloc(0);
  let isHead = true;
  child.stdout.on('data', (chunk: Buffer) => {
    if (!isHead) return void response.write(chunk);
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) return;
    isHead = false;
    const headers = head
      .toString('latin1', 0, end)
      .split('\r\n')
      .map((line) => line.split(/: */, 2) as [string, string]);
    response.writeHead(
      Number(headers.find(([name]) => name === 'Status')?.[1].slice(0, 3) ?? 200),
      Object.fromEntries(headers.filter(([name]) => name !== 'Status')),
    );
    response.write(head.subarray(end + 4));
  });
  child.on('close', () => response.end());
}

export function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

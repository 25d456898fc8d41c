import { access } from 'node:fs/promises';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import { MoleculeError } from '@molecule/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { App } from '../kernel/app.ts';
import type { Services } from '../kernel/services.ts';
import { HASHED, PAGE_HEADERS, REVALIDATED } from './page-headers.ts';

/** First segments of paths that belong to programs: an unknown one is an error there, never the page. */
const PROGRAM_PATHS: ReadonlySet<string> = new Set([
  'api',
  'mcp',
  'llm',
  'a2a',
  'healthz',
  'readyz',
  'metrics',
  'assets',
]);

/**
 * Serves the built canvas: files by name, and the page itself for every other path that a browser navigates to, so that each view has
 * a link. Open, because the files hold no data; all data comes over the API with a session. Does nothing when there is no build.
 */
export async function canvasFeature(app: App, services: Services): Promise<void> {
  const root = services.config.canvasDir;
  if (root === null) return;
  const built = await access(join(root, 'index.html')).then(
    () => true,
    () => false,
  );
  if (!built) {
    services.log.warn({ root }, 'there is no built canvas; only the API is served');
    return;
  }
  await app.register(fastifyStatic, { root, serve: false, cacheControl: false, preCompressed: true });

  app.route<{ Params: { '*': string } }>({
    method: 'GET',
    url: '/assets/*',
    config: { access: 'open' },
    schema: { hide: true },
    handler: (request, reply) => file(reply, `assets/${request.params['*']}`, HASHED),
  });
  for (const name of ['theme.js', 'icon.svg'] as const) {
    app.route({
      method: 'GET',
      url: `/${name}`,
      config: { access: 'open' },
      schema: { hide: true },
      handler: (_request, reply) => file(reply, name, REVALIDATED),
    });
  }
  for (const url of ['/', '/*'] as const) {
    app.route({
      method: 'GET',
      url,
      config: { access: 'open' },
      schema: { hide: true },
      handler: (request, reply) => {
        if (!isNavigation(request))
          throw new MoleculeError('route_unknown', {
            params: { method: request.method, path: request.url.split('?', 1)[0] ?? '' },
          });
        return file(reply, 'index.html', REVALIDATED);
      },
    });
  }
}

function file(reply: FastifyReply, name: string, caching: Readonly<Record<string, string>>): FastifyReply {
  return reply.headers({ ...PAGE_HEADERS, ...caching }).sendFile(name);
}

/** True for a path that a person opens: not a program's, and asked for as a page or by a plain client. */
function isNavigation(request: FastifyRequest): boolean {
  const path = request.url.split('?', 1)[0] ?? '/';
  if (PROGRAM_PATHS.has(path.split('/')[1] ?? '')) return false;
  return path === '/' || (request.headers.accept ?? '').includes('text/html');
}

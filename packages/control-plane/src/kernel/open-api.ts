import swagger from '@fastify/swagger';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import type { RouteAccess } from './access.ts';
import type { App } from './app.ts';
import { ROUTE_SUMMARIES } from './route-summaries.ts';

/** The OpenAPI document of all routes, made from the same schemas that check requests: `/api/openapi.json`, open because a client needs it before it has a token. */
export async function installOpenApi(app: App, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Molecule',
        version,
        description: 'Errors are application/problem+json with a stable code and a hint.',
      },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      security: [{ token: [] }],
    },
    transform: (input) => {
      const { schema, url } = jsonSchemaTransform(input);
      const { method, config } = input.route;
      const summary = ROUTE_SUMMARIES[`${String(method)} ${url}`];
      return { schema: { ...schema, ...(summary === undefined ? {} : { summary }), ...accessOf(config?.access) }, url };
    },
    transformObject: jsonSchemaTransformObject,
  });
  let document: string | null = null;
  app.route({
    method: 'GET',
    url: '/api/openapi.json',
    config: { access: 'open' },
    schema: { hide: true },
    handler: async (_request, reply) => {
      document ??= JSON.stringify(app.swagger());
      return reply.type('application/json').send(document);
    },
  });
}

/** What the document says of a route's access: `x-scopes`, any one of which is enough, or that no token is needed. */
function accessOf(access: RouteAccess | undefined): Record<string, unknown> {
  if (access === undefined || access === 'open') return { security: [] };
  return { 'x-scopes': 'scope' in access ? [access.scope] : access.anyScope };
}

import { isMoleculeError, MoleculeError, newId, toProblem } from '@molecule/contracts';
import { asDatabaseError, asUnstorableValue } from '@molecule/store';
import fastify, {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  LogController,
  type RawReplyDefaultExpression,
  type RawRequestDefaultExpression,
  type RawServerDefault,
} from 'fastify';
import {
  hasZodFastifySchemaValidationErrors,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod';
import { installDraining } from './draining.ts';
import { checkHost } from './host-guard.ts';
import type { Services } from './services.ts';

export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/**
 * The HTTP server without any route: Zod schemas in and out, errors as problem+json, the host guard. Routes come from features;
 * a route without a declared access is refused at registration (default deny).
 */
export function createApp(services: Services): App {
  const app = fastify({
    loggerInstance: services.log as FastifyBaseLogger, // pino's own type, narrower in places fastify does not use
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: services.config.bodyLimitBytes,
    genReqId: () => newId(),
    forceCloseConnections: 'idle',
    requestTimeout: 0,
    keepAliveTimeout: 75_000,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 500 },
    // What fails before a route is found, such as an address that cannot be decoded.
    frameworkErrors: (error, request, reply) => {
      const problem = toProblem(toMoleculeError(error, services.config.bodyLimitBytes, request.id), request.id);
      const plain = reply as unknown as FastifyReply; // no route was found, so its types say nothing
      void plain.code(problem.status).type('application/problem+json').send(JSON.stringify(problem));
    },
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  // Nothing is logged through a request, and a child with its redaction costs more than many a request.
  app.setChildLoggerFactory((logger) => logger);
  installDraining(app);

  app.addHook('onRequest', async (request) => checkHost(request.headers, services.config.allowedHosts));

  app.setNotFoundHandler((request, reply) => {
    const problem = toProblem(
      new MoleculeError('route_unknown', { params: { method: request.method, path: pathOf(request.url) } }),
      request.id,
    );
    return reply.code(problem.status).type('application/problem+json').send(JSON.stringify(problem));
  });

  app.setErrorHandler((error, request, reply) => {
    const known = toMoleculeError(
      error as FastifyError,
      request.routeOptions.bodyLimit ?? services.config.bodyLimitBytes,
      request.id,
    );
    if (known.code === 'internal')
      services.log.error({ err: error, requestId: request.id, route: request.routeOptions.url }, 'request failed');
    const problem = toProblem(known, request.id);
    // Fastify would close the connection under a client that is still sending, which then sees a reset instead of the answer. Node reads the rest and drops it.
    if (known.code === 'body_too_large') reply.removeHeader('connection');
    return reply.code(problem.status).type('application/problem+json').send(JSON.stringify(problem));
  });
  return app;
}

function toMoleculeError(error: FastifyError, limitBytes: number, requestId: string): MoleculeError {
  if (isMoleculeError(error)) return error;
  if (hasZodFastifySchemaValidationErrors(error)) {
    const detail = error.validation
      .map((issue) => `${error.validationContext ?? 'request'}${issue.instancePath}: ${issue.message}`)
      .join('; ');
    return new MoleculeError('invalid_request', { params: { detail } });
  }
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new MoleculeError('body_too_large', { params: { limitBytes } });
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new MoleculeError('unsupported_media_type', { params: { contentType: 'of the request' } });
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
      return new MoleculeError('invalid_json', { params: { detail: error.message } });
    default:
  }
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500) {
    return new MoleculeError('invalid_request', { params: { detail: error.message }, cause: error });
  }
  return (
    asDatabaseError(error) ??
    asUnstorableValue(error) ??
    new MoleculeError('internal', { params: { requestId }, cause: error })
  );
}

function pathOf(url: string): string {
  return url.split('?', 1)[0] ?? url;
}

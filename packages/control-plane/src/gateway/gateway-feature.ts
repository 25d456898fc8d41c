import { isMoleculeError, MoleculeError } from '@molecule/contracts';
import type { FastifyError } from 'fastify';
import { principalOf } from '../kernel/access.ts';
import type { App } from '../kernel/app.ts';
import type { Services } from '../kernel/services.ts';
import type { Planned } from '../models/call-plan.ts';
import { protocolError } from './error-answer.ts';
import type { Gateway } from './gateway.ts';
import type { PlanCache } from './plan-cache.ts';

/** Larger than any provider takes. */
const BODY_LIMIT_BYTES = 32 * 1024 * 1024;

/** `/llm/anthropic`, `/llm/openai/v1`, `/llm/google`: model calls of boxes. A box has its own token only; errors have the shape of the protocol that it speaks. */
export function gatewayFeature(app: App, services: Services, plans: PlanCache, gateway: Gateway): void {
  services.events.subscribe((events) => plans.heard(events));
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: BODY_LIMIT_BYTES }, (_request, body, done) =>
      done(null, body),
    );
    scope.setErrorHandler((error: FastifyError, request, reply) => {
      const known =
        error.code === 'FST_ERR_CTP_BODY_TOO_LARGE'
          ? new MoleculeError('body_too_large', { params: { limitBytes: BODY_LIMIT_BYTES } })
          : error;
      if (!isMoleculeError(known))
        services.log.error({ err: error, requestId: request.id, route: '/llm' }, 'a model call failed');
      const { status, headers, body } = protocolError(request.url, known);
      return reply.code(status).headers(headers).send(body);
    });
    scope.route({
      method: ['GET', 'HEAD', 'POST'],
      url: '/llm/*',
      exposeHeadRoute: false,
      config: { access: { scope: 'llm:use' } },
      schema: { hide: true },
      handler: async (request, reply) => {
        const principal = principalOf(request);
        const planned = await plans.of(principal);
        if (planned.kind !== 'plan') throw refusalOf(planned);
        // Clients probe a base address before their first call.
        if (request.method === 'HEAD') return reply.code(200).send();
        reply.hijack();
        const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
        await gateway.serve(
          planned.plan,
          principal,
          { method: request.method, path: request.url, headers: request.headers, body },
          reply.raw,
        );
        return reply;
      },
    });
  });
}

function refusalOf(planned: Exclude<Planned, { kind: 'plan' }>): MoleculeError {
  const params =
    planned.kind === 'direct'
      ? {
          detail: "it uses its runtime's own login, not the gateway",
          nextStep: 'Choose a model with `molecule model set`.',
        }
      : { detail: planned.message, nextStep: planned.nextStep };
  return new MoleculeError('not_configured', { params });
}

import { BoxReply, BoxRequest, LARGEST_CALL_BYTES, MoleculeError, TerminalEnded } from '@molecule/contracts';
import { appendAudit, appendEvents, forgetTerminal, replyToBoxCall, takeBoxCall } from '@molecule/store';
import { z } from 'zod';
import { ownWorkspace, principalOf } from '../kernel/access.ts';
import type { App } from '../kernel/app.ts';
import type { Services } from '../kernel/services.ts';

const Params = z.object({ id: z.uuid() });
const ACCESS = { access: { scope: 'box:run' } } as const;

/** `/api/v1/registry/calls/…`: how a box fetches what a person asks of it, and answers. */
export function boxCallRoutes(app: App, services: Services): void {
  app.route({
    method: 'POST',
    url: '/api/v1/registry/calls/:id/take',
    config: ACCESS,
    schema: { params: Params, response: { 200: BoxRequest } },
    handler: async (request) => {
      const taken = await takeBoxCall(services.db, { id: request.params.id, ...ownWorkspace(principalOf(request)) });
      if (taken === null) throw new MoleculeError('task_not_leased');
      return BoxRequest.parse(JSON.parse(taken));
    },
  });

  app.route({
    method: 'POST',
    url: '/api/v1/registry/calls/:id/reply',
    config: ACCESS,
    bodyLimit: LARGEST_CALL_BYTES,
    schema: { params: Params, body: BoxReply, response: { 200: z.object({ waitedFor: z.boolean() }) } },
    handler: async (request) => {
      const key = { id: request.params.id, ...ownWorkspace(principalOf(request)) };
      return { waitedFor: await replyToBoxCall(services.db, key, JSON.stringify(request.body)) };
    },
  });

  app.route({
    method: 'POST',
    url: '/api/v1/registry/terminals/:id/ended',
    config: ACCESS,
    schema: { params: Params, body: TerminalEnded, response: { 204: z.undefined() } },
    handler: async (request, reply) => {
      const principal = principalOf(request);
      const { workspaceId } = ownWorkspace(principal);
      const data = { terminalId: request.params.id, ...request.body };
      const { orgId, actor } = principal;
      await services.db.transaction().execute(async (trx) => {
        await forgetTerminal(trx, request.params.id, workspaceId);
        await appendEvents(trx, [{ orgId, workspaceId, type: 'terminal.closed', actor, data }]);
        await appendAudit(
          trx,
          { orgId, actor, action: 'terminal.close', target: workspaceId, data },
          services.clock.now(),
        );
      });
      return reply.code(204).send();
    },
  });
}

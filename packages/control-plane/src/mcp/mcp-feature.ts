import { toWebRequest } from '@modelcontextprotocol/node';
import { createMcpHandler } from '@modelcontextprotocol/server';
import { A2A_SERVER_NAME, HEADER, MANAGEMENT_SERVER_NAME, type McpMode, MoleculeError } from '@molecule/contracts';
import { createMcpServer, type ToolCaller, toolsOfMode } from '@molecule/management-mcp';
import { storeUsedProof } from '@molecule/store';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { principalOf } from '../kernel/access.ts';
import type { App } from '../kernel/app.ts';
import type { Principal } from '../kernel/principal.ts';
import type { Services } from '../kernel/services.ts';
import { recordWitnessedProof } from '../readiness/witnessed-proof.ts';
import { mayRepeatEffect } from './effect-guard.ts';
import { ControlPlaneTools, type ManagementDeps } from './management-services.ts';
import { despiteOutage } from './outage-patience.ts';

const SERVER_NAMES: Record<McpMode, string> = { management: MANAGEMENT_SERVER_NAME, self: A2A_SERVER_NAME };

/**
 * `/mcp`: the tool registry over streamable HTTP, for launchers, runtimes and people's own agents, in the old and the new protocol era. The mode follows from the
 * token's scopes, never from what the caller says alone. It is also where the control plane witnesses a launcher under proof.
 */
export function mcpFeature(app: App, services: Services, deps: ManagementDeps): void {
  const tools = new ControlPlaneTools(services, deps);
  app.route({
    method: ['GET', 'POST', 'DELETE'],
    url: '/mcp',
    config: { access: { anyScope: ['mcp:self', 'mcp:management'] } },
    schema: { hide: true },
    handler: async (request, reply) => {
      const principal = principalOf(request);
      const mode = modeOf(request, principal);
      const caller: ToolCaller = {
        orgId: principal.orgId,
        actor: principal.actor,
        scopes: principal.scopes,
        workspaceId: principal.workspaceId,
        bootId: principal.bootId,
      };
      const handler = createMcpHandler(
        () =>
          createMcpServer({
            name: SERVER_NAMES[mode],
            version: services.config.version,
            mode,
            caller,
            services: tools,
            around: (call, work) => despiteOutage(work, () => mayRepeatEffect(call), call.signal),
            onUnexpected: (error, tool) =>
              services.log.error({ err: error, tool, requestId: request.id }, 'a tool failed'),
          }),
        {
          legacy: 'stateless',
          onerror: (error) => services.log.debug({ err: error, requestId: request.id }, 'mcp request refused'),
        },
      );
      const gone = new AbortController();
      reply.raw.on('close', () => gone.abort());
      services.stopping.addEventListener('abort', () => gone.abort(), { once: true, signal: gone.signal });
      const web = await toWebRequest(nodeShape(request), request.body, { signal: gone.signal });
      const response = await handler.fetch(web, { parsedBody: request.body });
      if (response.ok) await witness(services, request, principal, mode);
      return answer(reply, response);
    },
  });
}

/** Management needs its own scope; without it everybody gets the tools of their own affairs. */
function modeOf(request: FastifyRequest, principal: Principal): McpMode {
  const asked = request.headers[HEADER.mcpMode];
  if (asked === 'self' || (asked === undefined && !principal.scopes.has('mcp:management'))) return 'self';
  if (!principal.scopes.has('mcp:management'))
    throw new MoleculeError('scope_missing', { params: { scope: 'mcp:management' } });
  return 'management';
}

/** A list of tools given out to a launcher that holds the nonce is the `live` rung; a call in a session is the `used` rung. */
async function witness(
  services: Services,
  request: FastifyRequest,
  principal: Principal,
  mode: McpMode,
): Promise<void> {
  const { workspaceId, bootId } = principal;
  const method = rpcMethod(request.body);
  if (workspaceId === null || bootId === null || method === undefined) return;
  const server = SERVER_NAMES[mode];
  const nonce = request.headers[HEADER.proof];
  if (method === 'tools/list' && typeof nonce === 'string') {
    await services.db.transaction().execute((trx) =>
      recordWitnessedProof(services, trx, {
        workspaceId,
        bootId,
        server,
        nonce,
        tools: [...toolsOfMode(mode).keys()],
        evidence: { userAgent: request.headers['user-agent'] ?? null },
      }),
    );
  } else if (method === 'tools/call') {
    // The call is answered whether or not this is noted: a refusal now would make it look as if nothing had been done.
    await storeUsedProof(services.db, { workspaceId, bootId, server, now: services.clock.now() }).catch(
      (error: unknown) => services.log.warn({ err: error, workspaceId }, 'a used tool was not noted'),
    );
  }
}

/** The part of a Node request that the conversion reads; the body was read before. */
function nodeShape(request: FastifyRequest): Parameters<typeof toWebRequest>[0] {
  return { method: request.method, url: request.raw.url ?? '/mcp', headers: request.headers } as Parameters<
    typeof toWebRequest
  >[0]; // duck-typed by the SDK
}

function rpcMethod(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null || !('method' in body)) return undefined;
  return typeof body.method === 'string' ? body.method : undefined;
}

async function answer(reply: FastifyReply, response: Response): Promise<FastifyReply> {
  reply.code(response.status);
  response.headers.forEach((value, name) => void reply.header(name, value));
  // No body at all, e.g. for a notification: `null` would go out as a JSON text.
  return response.body === null ? reply.send() : reply.send(response.body);
}

import { once } from 'node:events';
import {
  isMoleculeError,
  MoleculeError,
  newId,
  pageOf,
  TerminalInfo,
  TerminalInput,
  TerminalSize,
  toProblem,
} from '@molecule/contracts';
import { appendAudit, appendEvents, forgetTerminal, noteTerminal, type WorkspaceRow } from '@molecule/store';
import { z } from 'zod';
import { bearerOf, principalOf } from '../kernel/access.ts';
import type { App } from '../kernel/app.ts';
import type { Principal } from '../kernel/principal.ts';
import type { Services } from '../kernel/services.ts';
import type { BoxDeps } from './files-feature.ts';

const Params = z.object({ id: z.string().min(1).max(200) });
const OfTerminal = Params.extend({ terminal: z.uuid() });
const ACCESS = { access: { scope: 'terminal:use' } } as const;
const CHANGE = { ...ACCESS, refusal: 'terminal.refused' } as const;
/** So long the box waits for output before it says that there is none; the stream says then that it lives. */
const READ_WAIT_MS = 20_000;
const EMPTY = z.object({});

/**
 * `/api/v1/workspaces/:id/terminals…`: shells inside a running box, behind the walls of its agent. What is shown is read from the box piece by piece, the
 * next one when the last has been taken in by the browser: nothing piles up here, a slow line slows the shell, and any replica can go on where another one stopped.
 */
export function terminalsFeature(app: App, services: Services, { calls, workspaces }: BoxDeps): void {
  const find = (principal: Principal, ref: string): Promise<WorkspaceRow> =>
    workspaces.find(services.db, principal.orgId, ref);
  const url = '/api/v1/workspaces/:id/terminals';

  const refused = (row: WorkspaceRow, { orgId, actor }: Principal, data: { terminalId: string; code: string }) =>
    services.db.transaction().execute(async (trx) => {
      await forgetTerminal(trx, data.terminalId, row.id);
      await appendEvents(trx, [
        { orgId, workspaceId: row.id, type: 'terminal.closed', actor, data: { ...data, reason: 'refused' } },
      ]);
      await appendAudit(trx, { orgId, actor, action: 'terminal.refused', target: row.id, data }, services.clock.now());
    });

  app.route({
    method: 'GET',
    url,
    config: ACCESS,
    schema: { params: Params, response: { 200: pageOf(TerminalInfo) } },
    handler: async (request) => {
      const row = await find(principalOf(request), request.params.id);
      return { items: (await calls.ask(row, { type: 'terminal.list' })).items, nextCursor: null };
    },
  });

  app.route({
    method: 'POST',
    url,
    config: CHANGE,
    schema: { params: Params, body: TerminalSize, response: { 200: TerminalInfo } },
    handler: async (request) => {
      const principal = principalOf(request);
      const { orgId, actor } = principal;
      const row = await find(principal, request.params.id);
      const id = newId();
      const data = { terminalId: id };
      const { boot_id: bootId } = row;
      // On record before it happens.
      await services.db.transaction().execute(async (trx) => {
        if (bootId !== null)
          await noteTerminal(trx, { id, orgId, workspaceId: row.id, bootId, openedBy: actor }, services.clock.now());
        await appendEvents(trx, [{ orgId, workspaceId: row.id, type: 'terminal.opened', actor, data }]);
        await appendAudit(trx, { orgId, actor, action: 'terminal.open', target: row.id, data }, services.clock.now());
      });
      try {
        return await calls.ask(row, { type: 'terminal.open', id, by: actor, ...request.body });
      } catch (error) {
        // Whoever gives no answer may have opened it all the same.
        if (isMoleculeError(error) && error.status < 500) await refused(row, principal, { ...data, code: error.code });
        throw error;
      }
    },
  });

  app.route({
    method: 'POST',
    url: `${url}/:terminal/input`,
    config: CHANGE,
    schema: { params: OfTerminal, body: TerminalInput, response: { 200: EMPTY } },
    handler: async (request) => {
      const { id, terminal } = request.params;
      const row = await find(principalOf(request), id);
      return calls.ask(row, { type: 'terminal.write', id: terminal, data: request.body.data });
    },
  });

  app.route({
    method: 'POST',
    url: `${url}/:terminal/size`,
    config: ACCESS,
    schema: { params: OfTerminal, body: TerminalSize, response: { 200: EMPTY } },
    handler: async (request) => {
      const { id, terminal } = request.params;
      const row = await find(principalOf(request), id);
      return calls.ask(row, { type: 'terminal.resize', id: terminal, ...request.body });
    },
  });

  app.route({
    method: 'DELETE',
    url: `${url}/:terminal`,
    config: CHANGE,
    schema: { params: OfTerminal, response: { 200: EMPTY } },
    handler: async (request) => {
      const principal = principalOf(request);
      const { id, terminal } = request.params;
      const row = await find(principal, id);
      const { orgId, actor } = principal;
      await services.db
        .transaction()
        .execute((trx) =>
          appendAudit(
            trx,
            { orgId, actor, action: 'terminal.end', target: row.id, data: { terminalId: terminal } },
            services.clock.now(),
          ),
        );
      return calls.ask(row, { type: 'terminal.close', id: terminal });
    },
  });

  app.route({
    method: 'GET',
    url: `${url}/:terminal/stream`,
    config: ACCESS,
    schema: {
      params: OfTerminal,
      querystring: z.object({ from: z.coerce.number().int().nonnegative().default(0) }),
      response: { 200: z.any().describe('Server-sent events: TerminalOutput, and a problem when it breaks off') },
    },
    handler: async (request, reply) => {
      const { id, terminal } = request.params;
      const row = await find(principalOf(request), id);
      const token = bearerOf(request);
      const gone = new AbortController();
      let { from } = request.query;
      // The first piece decides whether there is a stream at all.
      const first = await calls.ask(row, { type: 'terminal.read', id: terminal, from, waitMs: 0 });
      reply.hijack();
      const response = reply.raw;
      response.on('close', () => gone.abort());
      response.on('error', () => gone.abort());
      response.writeHead(200, {
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      });
      const send = async (data: unknown): Promise<void> => {
        if (!response.write(`data: ${JSON.stringify(data)}\n\n`) && !gone.signal.aborted)
          await once(response, 'drain', { signal: gone.signal });
      };
      try {
        let piece = first;
        for (;;) {
          await send(piece);
          if (piece.ended !== null || gone.signal.aborted) break;
          from = piece.from + Buffer.byteLength(piece.data, 'base64');
          // A right that was taken away ends what it had begun.
          const now = await services.tokens.verify(token);
          if (!now.scopes.has('terminal:use'))
            throw new MoleculeError('scope_missing', { params: { scope: 'terminal:use' } });
          piece = await calls.ask(
            row,
            { type: 'terminal.read', id: terminal, from, waitMs: READ_WAIT_MS },
            { signal: gone.signal, extraMs: READ_WAIT_MS },
          );
        }
      } catch (error) {
        if (!gone.signal.aborted)
          await send({ problem: toProblem(isMoleculeError(error) ? error : new MoleculeError('internal')) }).catch(
            () => undefined,
          );
      }
      response.end();
      return reply;
    },
  });
}

import { HostConnect, type HostOrder, MoleculeError, newId } from '@molecule/contracts';
import { connectHost, disconnectHost, touchHost } from '@molecule/store';
import type { FastifyReply } from 'fastify';
import type { BoxCalls } from '../boxes/box-calls.ts';
import { principalOf } from '../kernel/access.ts';
import type { App } from '../kernel/app.ts';
import type { Services } from '../kernel/services.ts';
import { HostLink } from './host-link.ts';

/** Both ends notice a dead connection by it; the host's row is touched as often. */
const PING_INTERVAL_MS = 15_000;
/** A host that leaves this much unread is cut off: it connects again and is told the state anew. */
const UNREAD_LIMIT_BYTES = 8 * 1024 * 1024;

/**
 * `POST /api/v1/hosts/connect`: a box host says what runs and is told, as server-sent events, what shall run. Orders follow from stored
 * state and arrive over the outbox, so it does not matter which replica a change was made on.
 */
export function hostsFeature(app: App, services: Services, calls: BoxCalls): { stop(): Promise<void> } {
  const links = new Map<string, { readonly link: HostLink; readonly close: (reason: string) => Promise<void> }>();
  const unsubscribe = services.events.subscribe((events) => {
    for (const { link } of links.values()) link.heard(events);
  });

  const unhear = calls.onCall((workspaceId, callId) => {
    for (const { link } of links.values()) link.called(workspaceId, callId);
  });

  app.route({
    method: 'POST',
    url: '/api/v1/hosts/connect',
    config: { access: { scope: 'host:connect' } },
    schema: { body: HostConnect },
    handler: async (request, reply) => {
      const { orgId } = principalOf(request);
      const host = request.body;
      if (services.stopping.aborted) throw new MoleculeError('shutting_down');
      const connectionId = newId();
      await links.get(host.hostId)?.close('replaced');
      const mine = await services.db
        .transaction()
        .execute((trx) => connectHost(trx, orgId, host, connectionId, services.clock.now()));
      if (!mine) throw new MoleculeError('host_conflict', { params: { hostId: host.hostId } });
      await openStream(reply, orgId, host, connectionId);
      return reply;
    },
  });

  async function openStream(
    reply: FastifyReply,
    orgId: string,
    host: HostConnect,
    connectionId: string,
  ): Promise<void> {
    reply.hijack();
    const response = reply.raw;
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    response.write(': connected\n\n');
    const send = (order: HostOrder): void => {
      if (response.writableEnded) return;
      response.write(`data: ${JSON.stringify(order)}\n\n`);
      if (response.writableLength > UNREAD_LIMIT_BYTES) void close('unread');
    };
    const link = new HostLink(services, { orgId, connectionId, host, send, onReplaced: () => void close('replaced') });
    const ping = setInterval(() => {
      send({ type: 'ping' });
      link.lookForUnclaimed();
      touchHost(services.db, host.hostId, connectionId, services.clock.now()).then(
        (held) => (held ? undefined : close('replaced')),
        (error: unknown) =>
          services.log.warn({ err: error, hostId: host.hostId }, 'the sign of life of a host was not written'),
      );
    }, PING_INTERVAL_MS);
    let closing: Promise<void> | null = null;
    const close = (reason: string): Promise<void> => {
      closing ??= (async () => {
        clearInterval(ping);
        if (links.get(host.hostId)?.link === link) links.delete(host.hostId);
        response.end();
        await link.end();
        await services.db
          .transaction()
          .execute((trx) => disconnectHost(trx, host.hostId, connectionId, reason, services.clock.now()))
          .catch((error: unknown) =>
            services.log.warn({ err: error, hostId: host.hostId }, 'the end of a host stream was not written'),
          );
      })();
      return closing;
    };
    links.set(host.hostId, { link, close });
    response.on('close', () => void close('closed'));
    response.on('error', () => void close('broken'));
    if (response.destroyed) await close('closed');
    else await link.start();
  }

  return {
    stop: async () => {
      unsubscribe();
      unhear();
      await Promise.all([...links.values()].map(({ close }) => close('server stops')));
    },
  };
}

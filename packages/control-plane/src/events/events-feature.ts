import { EventType, isMoleculeError, MoleculeEvent, pageOf, WorkspaceId } from '@molecule/contracts';
import { formatCursor, parseCursor, readEvents, readEventsBack, START_CURSOR } from '@molecule/store';
import { z } from 'zod';
import { bearerOf, principalOf } from '../kernel/access.ts';
import type { App } from '../kernel/app.ts';
import type { Services } from '../kernel/services.ts';
import { streamEvents } from './event-stream.ts';
import { publicEvent } from './public-event.ts';

const EventsQuery = z.object({
  /** Go on after this event; `Last-Event-ID` wins over it. `0-0` = from the oldest kept. Absent = from now on (stream) or the oldest (list). */
  cursor: z.string().max(60).optional(),
  workspaceId: WorkspaceId.optional(),
  /** Comma-separated event types. */
  types: z.string().max(1000).optional(),
  /** Of a page: `newest` goes back from the cursor, or from the newest event. */
  order: z.enum(['oldest', 'newest']).default('oldest'),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});

/** `GET /api/v1/events`: a server-sent event stream, or with `Accept: application/json` a page of the history. */
export function eventsFeature(app: App, services: Services): void {
  app.route({
    method: 'GET',
    url: '/api/v1/events',
    config: { access: { scope: 'events:read' } },
    schema: { querystring: EventsQuery, response: { 200: pageOf(MoleculeEvent) } },
    handler: async (request, reply) => {
      const { orgId } = principalOf(request);
      const lastId = request.headers['last-event-id'];
      const given = typeof lastId === 'string' && lastId !== '' ? lastId : request.query.cursor;
      const after = given === undefined ? null : parseCursor(given);
      const types =
        request.query.types === undefined ? undefined : z.array(EventType).parse(request.query.types.split(','));
      const filter = {
        orgId,
        ...(request.query.workspaceId === undefined ? {} : { workspaceId: request.query.workspaceId }),
        ...(types === undefined ? {} : { types }),
      };
      if (request.headers.accept?.includes('text/event-stream') === true) {
        const token = bearerOf(request);
        const isHeard = (): Promise<boolean> =>
          services.tokens.verify(token).then(
            () => true,
            (error: unknown) => !isMoleculeError(error) || error.status >= 500,
          );
        streamEvents(services, reply, filter, after, isHeard);
        return reply;
      }
      const events =
        request.query.order === 'newest'
          ? await readEventsBack(services.db, after ?? undefined, filter, request.query.limit)
          : await readEvents(services.db, after ?? START_CURSOR, filter, request.query.limit);
      const last = events.at(-1);
      return {
        items: events.map(publicEvent),
        nextCursor: events.length === request.query.limit && last !== undefined ? formatCursor(last.position) : null,
      };
    },
  });
}

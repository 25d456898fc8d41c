import { type EventCursor, type EventFilter, readEvents, type StoredEvent } from '@molecule/store';
import type { FastifyReply } from 'fastify';
import type { Services } from '../kernel/services.ts';
import { publicEvent } from './public-event.ts';

const PAGE = 500;
const PING_INTERVAL_MS = 15_000;

/**
 * Writes a server-sent event stream until either side closes it. States: catching up (pages from the database after the own cursor, as far as the
 * hub has come: it alone judges what has come to rest, so no event lies between its last batch and the page) → live (batches of the hub) → catching up
 * again when the reader was slow, so that memory stays bounded and nothing is skipped.
 * Each event carries its cursor as id; a reader that reconnects with it misses nothing and sees nothing twice.
 * @param after cursor to go on after; null = from now on
 * @param isHeard asked after every revocation and with every ping: false = the reader's token no longer holds, and the stream ends
 */
export function streamEvents(
  services: Services,
  reply: FastifyReply,
  filter: EventFilter,
  after: EventCursor | null,
  isHeard: () => Promise<boolean>,
): void {
  reply.hijack();
  const response = reply.raw;
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  response.write('retry: 1000\n\n');
  let cursor = after ?? services.events.cursor;
  let mode: 'catching_up' | 'live' | 'closed' = 'catching_up';
  /** The hub passed something on while this stream was not listening: read again before going live. */
  let missed = false;

  const close = (): void => {
    if (mode === 'closed') return;
    mode = 'closed';
    unsubscribe();
    clearInterval(ping);
    services.stopping.removeEventListener('abort', close);
    response.end();
  };
  /** @returns false when the reader is slower than the events */
  const write = (events: readonly StoredEvent[]): boolean => {
    let text = '';
    for (const event of events) {
      if (!isAfter(event.position, cursor)) continue;
      cursor = event.position;
      if (matches(event, filter))
        text += `id: ${event.cursor}\nevent: ${event.type}\ndata: ${JSON.stringify(publicEvent(event))}\n\n`;
    }
    return text === '' || response.write(text);
  };
  const catchUp = async (): Promise<void> => {
    try {
      do {
        missed = false;
        const events = await readEvents(services.db, cursor, filter, PAGE, services.events.cursor);
        if (response.writableEnded) return;
        if (!write(events)) await drained(response);
        if (events.length === PAGE) missed = true;
      } while (missed);
      // No await between the last look at `missed` and this: a batch of the hub is either in the page above or comes now.
      if (mode === 'catching_up') mode = 'live';
    } catch (error) {
      services.log.warn({ err: error }, 'an event stream could not read on');
      close();
    }
  };
  const endIfUnheard = (): void => {
    void isHeard().then((heard) => heard || close());
  };
  const unsubscribe = services.events.subscribe((events) => {
    if (events.some((event) => event.type === 'token.revoked')) endIfUnheard();
    if (mode !== 'live') missed = true;
    else if (!write(events)) {
      mode = 'catching_up';
      void drained(response).then(catchUp);
    }
  });
  const ping = setInterval(() => {
    response.write(': ping\n\n');
    endIfUnheard();
  }, PING_INTERVAL_MS);
  response.on('close', close);
  services.stopping.addEventListener('abort', close);
  void catchUp();
}

function matches(event: StoredEvent, filter: EventFilter): boolean {
  return (
    (filter.orgId === undefined || event.orgId === filter.orgId) &&
    (filter.workspaceId === undefined || event.workspaceId === filter.workspaceId) &&
    (filter.types === undefined || filter.types.includes(event.type))
  );
}

function isAfter(a: EventCursor, b: EventCursor): boolean {
  const [left, right] = [BigInt(a.xid), BigInt(b.xid)];
  return left === right ? a.id > b.id : left > right;
}

function drained(response: NodeJS.WritableStream): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.on('drain', done).on('close', done);
  });
}

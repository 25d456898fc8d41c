import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import type { ProtocolCodec, UsageMeter, UsageReading } from '@molecule/models';
import { ChunkWriter } from './chunk-writer.ts';
import { headersToBox } from './passing-headers.ts';

/** How an answer ended. `cut`: by us, by the provider or by the box, before its own end. */
export type RelayEnd = 'complete' | 'cut by provider' | 'cut by box' | 'cut by us' | 'malformed';

export interface Relayed {
  readonly end: RelayEnd;
  readonly reading: UsageReading;
}

/** An answer on its way: what the watch over all of them needs. */
export interface LiveAnswer {
  /** `performance.now()` of the last bytes from the provider. */
  readonly lastBytesAt: () => number;
  /** Ends it with an error in the protocol's own shape. */
  cut(message: string): void;
  readonly reading: () => UsageReading;
}

/**
 * Passes an answer on as it comes. The provider is read only as fast as the box reads (back-pressure); a box that goes away ends the provider's
 * call; an event that is not valid is not passed on, and what is broken off ends with an error in the protocol's own shape.
 * @param onLive told as soon as bytes may flow
 */
export function relayAnswer(
  from: { readonly response: IncomingMessage; readonly request: ClientRequest },
  to: ServerResponse,
  codec: ProtocolCodec,
  onLive: (live: LiveAnswer) => void,
  onFirstBytes: (meter: UsageMeter) => void,
): Promise<Relayed> {
  const { response, request } = from;
  const contentType = response.headers['content-type'] ?? 'application/json';
  const isStream = /text\/event-stream/i.test(contentType);
  const meter = codec.createMeter(contentType);
  to.writeHead(response.statusCode ?? 200, headersToBox(response.headers));
  let lastBytesAt = performance.now();
  let seen = false;
  const writer = new ChunkWriter(
    to,
    () => response.pause(),
    () => response.resume(),
    () => response.complete,
  );
  return new Promise((resolve) => {
    let ended = false;
    const finish = (end: RelayEnd, message: string | null): void => {
      if (ended) return;
      ended = true;
      const reading = meter.end();
      if (end !== 'complete') request.destroy();
      if (message === null) writer.end();
      else if (isStream) {
        writer.flush();
        to.end(`\n\n${codec.encodeStreamError('upstream', message)}`);
      }
      // Of a body that is no stream a part is worse than nothing: the box's client must see that it is broken.
      else to.destroy();
      resolve({ end, reading });
    };
    // An answer without bytes yet still tells the box that it has begun.
    if (isStream) setImmediate(() => void (!seen && !ended && to.flushHeaders()));
    if (to.destroyed) finish('cut by box', null);
    onLive({
      lastBytesAt: () => lastBytesAt,
      cut: (message) => finish('cut by us', message),
      reading: () => meter.reading(),
    });
    response.on('data', (chunk: Buffer) => {
      if (ended) return;
      lastBytesAt = performance.now();
      meter.push(chunk);
      if (isStream && meter.malformedEvents() > 0)
        return finish('malformed', 'The model provider sent something that is not valid.');
      writer.write(chunk);
      if (!seen) {
        seen = true;
        onFirstBytes(meter);
      }
    });
    response.on('end', () => {
      const { complete } = meter.reading();
      if (isStream && !complete) {
        // The last event may lack only its blank line.
        if (!meter.end().complete) return finish('cut by provider', 'The model provider broke the answer off.');
      }
      finish('complete', null);
    });
    response.on('error', () => finish('cut by provider', 'The connection to the model provider broke.'));
    response.on('aborted', () => finish('cut by provider', 'The connection to the model provider broke.'));
    to.on('close', () => finish('cut by box', null));
  });
}

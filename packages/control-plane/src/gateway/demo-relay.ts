import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { handleScriptedRequest, type ProtocolCodec, type UsageMeter } from '@molecule/models';
import { createNodeSink } from '@molecule/models/server';
import type { LiveAnswer, Relayed } from './answer-relay.ts';

const encoder = new TextEncoder();

/** The built-in demo model answers in this process; what it says is metered like any provider's answer. */
export async function relayDemo(
  request: {
    readonly method: string;
    readonly path: string;
    readonly headers: IncomingHttpHeaders;
    readonly body: string;
  },
  to: ServerResponse,
  codec: ProtocolCodec,
  onLive: (live: LiveAnswer) => void,
): Promise<Relayed> {
  const sink = createNodeSink(to);
  let meter: UsageMeter = codec.createMeter('application/json');
  let isStream = false;
  let isCut = false;
  const end = { ended: false };
  onLive({
    lastBytesAt: () => performance.now(),
    reading: () => meter.reading(),
    cut: (message) => {
      if (end.ended || isCut) return;
      isCut = true;
      if (isStream && to.headersSent) to.end(`\n\n${codec.encodeStreamError('upstream', message)}`);
      else to.destroy();
    },
  });
  await handleScriptedRequest(request, {
    signal: sink.signal,
    head: (status, headers) => {
      const type = headers['content-type'] ?? 'application/json';
      isStream = type.includes('event-stream');
      meter = codec.createMeter(type);
      sink.head(status, headers);
    },
    write: (chunk) => {
      if (isCut) return Promise.resolve();
      meter.push(encoder.encode(chunk));
      return sink.write(chunk);
    },
    end: () => (isCut ? Promise.resolve() : sink.end()),
    abort: () => sink.abort(),
  });
  end.ended = true;
  const reading = meter.end();
  return { end: isCut ? 'cut by us' : reading.complete ? 'complete' : 'cut by box', reading };
}

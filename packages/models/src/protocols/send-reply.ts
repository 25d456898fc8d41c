import type { ModelRequest } from './model-request.ts';
import type { EncodeContext, ProtocolCodec } from './protocol-codec.ts';
import type { Reply } from './reply.ts';
import type { ReplySink } from './reply-sink.ts';

/** Called before each part of a streamed answer is written; false cuts the stream there, without a proper end. */
export type BeforePart = (index: number) => Promise<boolean>;

/**
 * Answers a request in its own protocol, streamed or whole as it asked. Gives the number of parts that were written, which is all of them
 * unless the reader went away or `beforePart` cut the stream.
 */
export async function sendReply(
  codec: ProtocolCodec,
  request: ModelRequest,
  reply: Reply,
  sink: ReplySink,
  context: EncodeContext,
  beforePart: BeforePart = async () => true,
): Promise<number> {
  if (!request.stream) {
    for (let index = 0; index <= reply.parts.length; index += 1) {
      if (!(await beforePart(index))) {
        sink.abort();
        return 0;
      }
    }
    sink.head(200, { 'content-type': 'application/json' });
    await sink.write(codec.encodeWhole(request, reply, context));
    await sink.end();
    return reply.parts.length;
  }
  const encoder = codec.createEncoder(request, context);
  sink.head(200, { 'content-type': encoder.contentType, 'cache-control': 'no-cache' });
  const first = encoder.begin(reply.usage);
  if (first !== '') await sink.write(first);
  for (const [index, part] of reply.parts.entries()) {
    if (sink.signal.aborted || !(await beforePart(index))) {
      sink.abort();
      return index;
    }
    await sink.write(part.type === 'text' ? encoder.text(part.text) : encoder.toolCall(part.call));
  }
  if (sink.signal.aborted || !(await beforePart(reply.parts.length))) {
    sink.abort();
    return reply.parts.length;
  }
  await sink.write(encoder.finish(reply.stopReason, reply.usage));
  await sink.end();
  return reply.parts.length;
}

import type { ModelRequest } from '../model-request.ts';
import type { EncodeContext, StreamEncoder } from '../protocol-codec.ts';
import { joinTexts, type Reply, type StopReason, type TokenUsage, type ToolCall } from '../reply.ts';
import { splitInHalf } from '../split-in-half.ts';

/** Why an answer is not complete. */
const INCOMPLETE: Partial<Record<StopReason, string>> = { length: 'max_output_tokens', refusal: 'content_filter' };

interface MessageItem {
  readonly id: string;
  readonly outputIndex: number;
  text: string;
}

/** The whole answer as one `response` object. */
export function encodeOpenAiResponsesWhole(request: ModelRequest, reply: Reply, context: EncodeContext): string {
  const output = joinTexts(reply.parts).map((part) =>
    part.type === 'text'
      ? messageItem(context.newId('msg'), part.text, 'completed')
      : callItem(part.call, context.newId('fc'), context.newId('call')),
  );
  return JSON.stringify(
    responseFields(
      context.newId('resp'),
      request,
      context,
      INCOMPLETE[reply.stopReason] === undefined ? 'completed' : 'incomplete',
      output,
      reply.usage,
      INCOMPLETE[reply.stopReason],
    ),
  );
}

/** Streams an answer as Responses events, ending in `response.completed` with the whole output and usage. */
export function createOpenAiResponsesEncoder(request: ModelRequest, context: EncodeContext): StreamEncoder {
  const responseId = context.newId('resp');
  const output: unknown[] = [];
  let sequence = 0;
  let message: MessageItem | null = null;
  const event = (type: string, data: object): string => {
    const text = `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: sequence, ...data })}\n\n`;
    sequence += 1;
    return text;
  };
  const openMessage = (): string => {
    message = { id: context.newId('msg'), outputIndex: output.length, text: '' };
    output.push(null);
    const place = { output_index: message.outputIndex };
    return (
      event('response.output_item.added', {
        ...place,
        item: { ...messageItem(message.id, '', 'in_progress'), content: [] },
      }) + event('response.content_part.added', { ...place, item_id: message.id, content_index: 0, part: textPart('') })
    );
  };
  const closeMessage = (): string => {
    if (message === null) return '';
    const { id, outputIndex, text } = message;
    const item = messageItem(id, text, 'completed');
    output[outputIndex] = item;
    message = null;
    const place = { item_id: id, output_index: outputIndex, content_index: 0 };
    return (
      event('response.output_text.done', { ...place, text }) +
      event('response.content_part.done', { ...place, part: textPart(text) }) +
      event('response.output_item.done', { output_index: outputIndex, item })
    );
  };
  return {
    contentType: 'text/event-stream; charset=utf-8',
    begin: () =>
      event('response.created', { response: responseFields(responseId, request, context, 'in_progress', [], null) }),
    text: (delta: string) => {
      const opened = message === null ? openMessage() : '';
      if (message === null) return opened;
      message.text += delta;
      return (
        opened +
        event('response.output_text.delta', {
          item_id: message.id,
          output_index: message.outputIndex,
          content_index: 0,
          delta,
        })
      );
    },
    toolCall: (call: ToolCall) => {
      const closed = closeMessage();
      const item = callItem(call, context.newId('fc'), context.newId('call'));
      const place = { item_id: item.id, output_index: output.length };
      const added = event('response.output_item.added', {
        output_index: output.length,
        item: { ...item, arguments: '', status: 'in_progress' },
      });
      const deltas = splitInHalf(item.arguments).map((delta) =>
        event('response.function_call_arguments.delta', { ...place, delta }),
      );
      const done =
        event('response.function_call_arguments.done', { ...place, arguments: item.arguments }) +
        event('response.output_item.done', { output_index: output.length, item });
      output.push(item);
      return closed + added + deltas.join('') + done;
    },
    finish: (stopReason: StopReason, usage: TokenUsage) => {
      const closed = closeMessage();
      const reason = INCOMPLETE[stopReason];
      const status = reason === undefined ? 'completed' : 'incomplete';
      return (
        closed +
        event(`response.${status}`, {
          response: responseFields(responseId, request, context, status, output, usage, reason),
        })
      );
    },
  };
}

function textPart(text: string): object {
  return { type: 'output_text', text, annotations: [] };
}

function messageItem(id: string, text: string, status: string): object {
  return { id, type: 'message', role: 'assistant', status, content: [textPart(text)] };
}

function callItem(call: ToolCall, id: string, callId: string) {
  return {
    id,
    type: 'function_call',
    call_id: callId,
    name: call.name,
    ...(call.namespace === undefined ? {} : { namespace: call.namespace }),
    arguments: JSON.stringify(call.args ?? {}),
    status: 'completed',
  };
}

function responseFields(
  id: string,
  request: ModelRequest,
  context: EncodeContext,
  status: string,
  output: readonly unknown[],
  usage: TokenUsage | null,
  incomplete?: string,
): object {
  return {
    id,
    object: 'response',
    created_at: Math.floor(context.nowMs / 1000),
    status,
    model: request.model,
    output,
    incomplete_details: incomplete === undefined ? null : { reason: incomplete },
    usage:
      usage === null
        ? null
        : {
            input_tokens: usage.inputTokens,
            input_tokens_details: { cached_tokens: usage.cacheReadTokens },
            output_tokens: usage.outputTokens,
            output_tokens_details: { reasoning_tokens: usage.reasoningTokens },
            total_tokens: usage.inputTokens + usage.outputTokens,
          },
  };
}

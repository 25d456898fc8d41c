import type { ModelRequest } from '../model-request.ts';
import type { EncodeContext, StreamEncoder } from '../protocol-codec.ts';
import { joinTexts, type Reply, type ReplyPart, type StopReason, type TokenUsage, type ToolCall } from '../reply.ts';
import { splitInHalf } from '../split-in-half.ts';

const STOP_REASONS: Record<StopReason, string> = {
  end: 'end_turn',
  tool_calls: 'tool_use',
  length: 'max_tokens',
  refusal: 'refusal',
};

/** The whole answer as one JSON body. Neighbouring text parts form one text block. */
export function encodeAnthropicWhole(request: ModelRequest, reply: Reply, context: EncodeContext): string {
  const content = joinTexts(reply.parts).map((part) =>
    part.type === 'text'
      ? { type: 'text', text: part.text }
      : { type: 'tool_use', id: context.newId('toolu'), name: part.call.name, input: part.call.args ?? {} },
  );
  return JSON.stringify({
    id: context.newId('msg'),
    type: 'message',
    role: 'assistant',
    model: request.model,
    content,
    stop_reason: STOP_REASONS[reply.stopReason],
    stop_sequence: null,
    usage: { ...inputUsage(reply.usage), ...outputUsage(reply.usage) },
  });
}

/** Streams an answer as Messages events. */
export function createAnthropicEncoder(request: ModelRequest, context: EncodeContext): StreamEncoder {
  let index = -1;
  let open: ReplyPart['type'] | null = null;
  const event = (type: string, data: object): string =>
    `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;
  const closeBlock = (): string => {
    if (open === null) return '';
    open = null;
    return event('content_block_stop', { index });
  };
  const openBlock = (type: ReplyPart['type'], block: object): string => {
    const closed = closeBlock();
    open = type;
    index += 1;
    return closed + event('content_block_start', { index, content_block: block });
  };
  return {
    contentType: 'text/event-stream; charset=utf-8',
    begin: (usage: TokenUsage) =>
      event('message_start', {
        message: {
          id: context.newId('msg'),
          type: 'message',
          role: 'assistant',
          model: request.model,
          content: [],
          stop_reason: null,
          stop_sequence: null,
          usage: { ...inputUsage(usage), output_tokens: 0 },
        },
      }) + event('ping', {}),
    text: (delta: string) =>
      (open === 'text' ? '' : openBlock('text', { type: 'text', text: '' })) +
      event('content_block_delta', { index, delta: { type: 'text_delta', text: delta } }),
    toolCall: (call: ToolCall) => {
      const opened = openBlock('tool_call', {
        type: 'tool_use',
        id: context.newId('toolu'),
        name: call.name,
        input: {},
      });
      const deltas = splitInHalf(JSON.stringify(call.args ?? {})).map((json) =>
        event('content_block_delta', { index, delta: { type: 'input_json_delta', partial_json: json } }),
      );
      return opened + deltas.join('') + closeBlock();
    },
    finish: (stopReason: StopReason, usage: TokenUsage) =>
      closeBlock() +
      event('message_delta', {
        delta: { stop_reason: STOP_REASONS[stopReason], stop_sequence: null },
        usage: outputUsage(usage),
      }) +
      event('message_stop', {}),
  };
}

/** Anthropic counts the cached parts beside `input_tokens`, not inside it. */
function inputUsage(usage: TokenUsage): Record<string, number> {
  return {
    input_tokens: usage.inputTokens - usage.cacheReadTokens - usage.cacheWriteTokens,
    cache_creation_input_tokens: usage.cacheWriteTokens,
    cache_read_input_tokens: usage.cacheReadTokens,
  };
}

function outputUsage(usage: TokenUsage): object {
  return {
    output_tokens: usage.outputTokens,
    ...(usage.reasoningTokens === 0 ? {} : { output_tokens_details: { thinking_tokens: usage.reasoningTokens } }),
  };
}

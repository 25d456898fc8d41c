import type { ModelRequest } from '../model-request.ts';
import type { EncodeContext, StreamEncoder } from '../protocol-codec.ts';
import type { Reply, StopReason, TokenUsage, ToolCall } from '../reply.ts';
import { splitInHalf } from '../split-in-half.ts';

const FINISH_REASONS: Record<StopReason, string> = {
  end: 'stop',
  tool_calls: 'tool_calls',
  length: 'length',
  refusal: 'content_filter',
};

/** The whole answer as one `chat.completion`. */
export function encodeOpenAiChatWhole(request: ModelRequest, reply: Reply, context: EncodeContext): string {
  const text = reply.parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('');
  const calls = reply.parts.flatMap((part) => (part.type === 'tool_call' ? [part.call] : []));
  return JSON.stringify({
    ...base(request, context),
    object: 'chat.completion',
    choices: [
      {
        index: 0,
        finish_reason: FINISH_REASONS[reply.stopReason],
        message: {
          role: 'assistant',
          content: text === '' && calls.length > 0 ? null : text,
          ...(calls.length === 0
            ? {}
            : {
                tool_calls: calls.map((call) => ({
                  id: context.newId('call'),
                  type: 'function',
                  function: { name: call.name, arguments: JSON.stringify(call.args ?? {}) },
                })),
              }),
        },
      },
    ],
    usage: usageFields(reply.usage),
  });
}

/** Streams an answer as `chat.completion.chunk`s; usage comes in an extra last chunk, only when the request asked for it. */
export function createOpenAiChatEncoder(request: ModelRequest, context: EncodeContext): StreamEncoder {
  const fixed = { ...base(request, context), object: 'chat.completion.chunk' };
  let calls = 0;
  const chunk = (fields: object): string => `data: ${JSON.stringify({ ...fixed, ...fields })}\n\n`;
  const delta = (fields: object, finishReason: string | null = null): string =>
    chunk({ choices: [{ index: 0, delta: fields, finish_reason: finishReason }] });
  return {
    contentType: 'text/event-stream; charset=utf-8',
    begin: () => delta({ role: 'assistant', content: '' }),
    text: (text: string) => delta({ content: text }),
    toolCall: (call: ToolCall) => {
      const index = calls;
      calls += 1;
      const head = delta({
        tool_calls: [
          { index, id: context.newId('call'), type: 'function', function: { name: call.name, arguments: '' } },
        ],
      });
      return (
        head +
        splitInHalf(JSON.stringify(call.args ?? {}))
          .map((json) => delta({ tool_calls: [{ index, function: { arguments: json } }] }))
          .join('')
      );
    },
    finish: (stopReason: StopReason, usage: TokenUsage) =>
      delta({}, FINISH_REASONS[stopReason]) +
      (request.usageRequested ? chunk({ choices: [], usage: usageFields(usage) }) : '') +
      'data: [DONE]\n\n',
  };
}

function base(request: ModelRequest, context: EncodeContext): object {
  return { id: context.newId('chatcmpl'), created: Math.floor(context.nowMs / 1000), model: request.model };
}

function usageFields(usage: TokenUsage): object {
  return {
    prompt_tokens: usage.inputTokens,
    completion_tokens: usage.outputTokens,
    total_tokens: usage.inputTokens + usage.outputTokens,
    prompt_tokens_details: { cached_tokens: usage.cacheReadTokens },
    completion_tokens_details: { reasoning_tokens: usage.reasoningTokens },
  };
}

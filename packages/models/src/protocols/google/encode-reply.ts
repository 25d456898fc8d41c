import type { ModelRequest } from '../model-request.ts';
import type { EncodeContext, StreamEncoder } from '../protocol-codec.ts';
import { joinTexts, type Reply, type ReplyPart, type StopReason, type TokenUsage, type ToolCall } from '../reply.ts';

const FINISH_REASONS: Record<StopReason, string> = {
  end: 'STOP',
  tool_calls: 'STOP',
  length: 'MAX_TOKENS',
  refusal: 'SAFETY',
};

/** The whole answer as one `GenerateContentResponse`. */
export function encodeGoogleWhole(request: ModelRequest, reply: Reply, context: EncodeContext): string {
  return JSON.stringify(
    responseFields(
      request,
      context.newId('resp'),
      joinTexts(reply.parts).map(partFields),
      FINISH_REASONS[reply.stopReason],
      reply.usage,
    ),
  );
}

/** Streams an answer as server-sent events; each repeats the usage so far, as the real service does. */
export function createGoogleEncoder(request: ModelRequest, context: EncodeContext): StreamEncoder {
  const id = context.newId('resp');
  let input: TokenUsage | null = null;
  const event = (parts: readonly object[], finishReason: string | null, usage: TokenUsage | null): string =>
    `data: ${JSON.stringify(responseFields(request, id, parts, finishReason, usage))}\n\n`;
  return {
    contentType: 'text/event-stream; charset=utf-8',
    begin: (usage: TokenUsage) => {
      input = { ...usage, outputTokens: 0, reasoningTokens: 0 };
      return '';
    },
    text: (delta: string) => event([{ text: delta }], null, input),
    toolCall: (call: ToolCall) => event([partFields({ type: 'tool_call', call })], null, input),
    finish: (stopReason: StopReason, usage: TokenUsage) => event([{ text: '' }], FINISH_REASONS[stopReason], usage),
  };
}

function partFields(part: ReplyPart): object {
  return part.type === 'text'
    ? { text: part.text }
    : { functionCall: { name: part.call.name, args: part.call.args ?? {} } };
}

function responseFields(
  request: ModelRequest,
  id: string,
  parts: readonly object[],
  finishReason: string | null,
  usage: TokenUsage | null,
): object {
  return {
    candidates: [{ index: 0, content: { role: 'model', parts }, ...(finishReason === null ? {} : { finishReason }) }],
    ...(usage === null ? {} : { usageMetadata: usageFields(usage) }),
    modelVersion: request.model,
    responseId: id,
  };
}

/** Google counts thinking beside the candidates' tokens, not inside. */
function usageFields(usage: TokenUsage): object {
  return {
    promptTokenCount: usage.inputTokens,
    candidatesTokenCount: usage.outputTokens - usage.reasoningTokens,
    totalTokenCount: usage.inputTokens + usage.outputTokens,
    ...(usage.cacheReadTokens === 0 ? {} : { cachedContentTokenCount: usage.cacheReadTokens }),
    ...(usage.reasoningTokens === 0 ? {} : { thoughtsTokenCount: usage.reasoningTokens }),
  };
}

import { createAnswerMeter } from '../../metering/answer-meter.ts';
import { encodeOpenAiError } from '../openai-error.ts';
import type { ProtocolCodec } from '../protocol-codec.ts';
import { createOpenAiChatRules } from './answer-rules.ts';
import { createOpenAiChatEncoder, encodeOpenAiChatWhole } from './encode-reply.ts';
import { readOpenAiChatRequest } from './read-request.ts';

/** OpenAI Chat Completions: `POST /v1/chat/completions`. */
export const openAiChatCodec: ProtocolCodec = {
  id: 'openai-chat',
  readRequest: readOpenAiChatRequest,
  createEncoder: createOpenAiChatEncoder,
  encodeWhole: encodeOpenAiChatWhole,
  encodeTokenCount: (tokens) => JSON.stringify({ input_tokens: tokens }),
  encodeError: encodeOpenAiError,
  encodeStreamError: (kind, message) => `data: ${encodeOpenAiError(kind, message).body}\n\n`,
  createMeter: (contentType) => createAnswerMeter(contentType, createOpenAiChatRules()),
};

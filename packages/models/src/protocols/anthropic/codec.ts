import { createAnswerMeter } from '../../metering/answer-meter.ts';
import type { ProtocolCodec } from '../protocol-codec.ts';
import { createAnthropicRules } from './answer-rules.ts';
import { encodeAnthropicError, encodeAnthropicStreamError } from './encode-error.ts';
import { createAnthropicEncoder, encodeAnthropicWhole } from './encode-reply.ts';
import { readAnthropicRequest } from './read-request.ts';

/** Anthropic Messages: `POST /v1/messages` and `/v1/messages/count_tokens`. */
export const anthropicCodec: ProtocolCodec = {
  id: 'anthropic',
  readRequest: readAnthropicRequest,
  createEncoder: createAnthropicEncoder,
  encodeWhole: encodeAnthropicWhole,
  encodeTokenCount: (tokens) => JSON.stringify({ input_tokens: tokens }),
  encodeError: encodeAnthropicError,
  encodeStreamError: encodeAnthropicStreamError,
  createMeter: (contentType) => createAnswerMeter(contentType, createAnthropicRules()),
};

import { createAnswerMeter } from '../../metering/answer-meter.ts';
import { encodeOpenAiError, openAiErrorFields } from '../openai-error.ts';
import type { ProtocolCodec } from '../protocol-codec.ts';
import { createOpenAiResponsesRules } from './answer-rules.ts';
import { createOpenAiResponsesEncoder, encodeOpenAiResponsesWhole } from './encode-reply.ts';
import { readOpenAiResponsesRequest } from './read-request.ts';

/** OpenAI Responses: `POST /v1/responses`. */
export const openAiResponsesCodec: ProtocolCodec = {
  id: 'openai-responses',
  readRequest: readOpenAiResponsesRequest,
  createEncoder: createOpenAiResponsesEncoder,
  encodeWhole: encodeOpenAiResponsesWhole,
  encodeTokenCount: (tokens) => JSON.stringify({ object: 'response.input_tokens', input_tokens: tokens }),
  encodeError: encodeOpenAiError,
  encodeStreamError: (kind, message) => {
    const error = openAiErrorFields(kind, message);
    return `event: response.failed\ndata: ${JSON.stringify({ type: 'response.failed', response: { object: 'response', status: 'failed', output: [], error: { code: error.code, message } } })}\n\n`;
  },
  createMeter: (contentType) => createAnswerMeter(contentType, createOpenAiResponsesRules()),
};

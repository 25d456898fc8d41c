import { createAnswerMeter } from '../../metering/answer-meter.ts';
import type { ProtocolCodec } from '../protocol-codec.ts';
import { createGoogleRules } from './answer-rules.ts';
import { encodeGoogleError } from './encode-error.ts';
import { createGoogleEncoder, encodeGoogleWhole } from './encode-reply.ts';
import { readGoogleRequest } from './read-request.ts';

/** Gemini API: `POST /v1beta/models/MODEL:generateContent`, `:streamGenerateContent`, `:countTokens`. */
export const googleCodec: ProtocolCodec = {
  id: 'google',
  readRequest: readGoogleRequest,
  createEncoder: createGoogleEncoder,
  encodeWhole: encodeGoogleWhole,
  encodeTokenCount: (tokens) => JSON.stringify({ totalTokens: tokens }),
  encodeError: encodeGoogleError,
  encodeStreamError: (kind, message) => `data: ${encodeGoogleError(kind, message).body}\n\n`,
  createMeter: (contentType) => createAnswerMeter(contentType, createGoogleRules()),
};

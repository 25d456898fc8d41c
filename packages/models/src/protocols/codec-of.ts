import { anthropicCodec } from './anthropic/codec.ts';
import { googleCodec } from './google/codec.ts';
import type { ProtocolId } from './model-request.ts';
import { openAiChatCodec } from './openai-chat/codec.ts';
import { openAiResponsesCodec } from './openai-responses/codec.ts';
import type { ProtocolCodec } from './protocol-codec.ts';

const CODECS: Record<ProtocolId, ProtocolCodec> = {
  anthropic: anthropicCodec,
  'openai-responses': openAiResponsesCodec,
  'openai-chat': openAiChatCodec,
  google: googleCodec,
};

export function codecOf(protocol: ProtocolId): ProtocolCodec {
  return CODECS[protocol];
}

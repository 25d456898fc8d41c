import { z } from 'zod';
import { contentText } from '../agent-client-protocol/messages.ts';
import { type AcpProfile, nameInTitle } from '../agent-client-protocol/profile.ts';
import { answerFailure, SILENT_REFUSAL } from '../agent-client-protocol/prose-failure.ts';

const Quota = z.object({
  quota: z.object({ token_count: z.object({ input_tokens: z.number(), output_tokens: z.number() }) }),
});

export const profile: AcpProfile = {
  authMethod: () => null,
  toolName: (call) => nameInTitle(call.title ?? '') ?? { server: null, tool: call.toolCallId.split('_')[0] ?? '' },
  // The input is the text of the call's first line.
  toolInput: (call) => {
    try {
      return call.rawInput ?? JSON.parse(contentText(call));
    } catch {
      return {};
    }
  },
  inputComesWith: 'call',
  historyMayComeLate: true,
  isFailedOutput: () => false,
  usageIs: 'of_turn',
  usage: (result) => {
    const tokens = Quota.safeParse(result._meta).data?.quota.token_count;
    return tokens === undefined ? null : { inputTokens: tokens.input_tokens, outputTokens: tokens.output_tokens };
  },
  stepUsage: () => null,
  failure: answerFailure,
  silence: SILENT_REFUSAL,
};

import { z } from 'zod';
import { type AcpProfile, nameInTitle, protocolUsage } from '../agent-client-protocol/profile.ts';
import { answerFailure } from '../agent-client-protocol/prose-failure.ts';

const StepUsage = z.object({
  usage: z.object({ inputTokens: z.number(), outputTokens: z.number(), cachedReadTokens: z.number().nullish() }),
});

export const profile: AcpProfile = {
  authMethod: () => null,
  toolName: (call) => nameInTitle(call.title ?? '') ?? { server: null, tool: call.title ?? '' },
  toolInput: (call) => call.rawInput,
  // The first line of a call has an empty input.
  inputComesWith: 'update',
  isFailedOutput: () => false,
  usageIs: 'of_turn',
  usage: protocolUsage,
  stepUsage: (update) => {
    const usage = StepUsage.safeParse(update._meta).data?.usage;
    if (usage === undefined) return null;
    return {
      inputTokens: usage.inputTokens,
      outputTokens: usage.outputTokens,
      cachedTokens: usage.cachedReadTokens ?? 0,
    };
  },
  failure: answerFailure,
};

import { type AcpProfile, protocolUsage, splitName } from '../agent-client-protocol/profile.ts';
import { answerFailure } from '../agent-client-protocol/prose-failure.ts';

export const profile: AcpProfile = {
  authMethod: () => null,
  toolName: (call, servers) => splitName(call.title ?? '', '_', servers),
  toolInput: (call) => call.rawInput,
  inputComesWith: 'update',
  isFailedOutput: () => false,
  usageIs: 'of_turn',
  usage: protocolUsage,
  stepUsage: () => null,
  failure: answerFailure,
};

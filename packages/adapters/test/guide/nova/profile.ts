import { type AcpProfile, protocolUsage, splitName } from '../../../src/agent-client-protocol/profile.ts';
import { answerFailure } from '../../../src/agent-client-protocol/prose-failure.ts';

export const profile: AcpProfile = {
  authMethod: () => null,
  // Its calls are titled `server/tool`.
  toolName: (call, servers) => splitName(call.title ?? '', '/', servers),
  toolInput: (call) => call.rawInput,
  inputComesWith: 'call',
  isFailedOutput: () => false,
  usageIs: 'of_turn',
  usage: protocolUsage,
  stepUsage: () => null,
  failure: answerFailure,
};

import { type AcpProfile, protocolUsage, splitName } from '../agent-client-protocol/profile.ts';
import { answerFailure, proseFailure, SILENT_REFUSAL } from '../agent-client-protocol/prose-failure.ts';

export const profile: AcpProfile = {
  authMethod: () => null,
  toolName: (call, servers) => splitName(call.title ?? '', '-', servers),
  toolInput: (call) => call.rawInput,
  inputComesWith: 'call',
  isFailedOutput: () => false,
  // Its numbers count on over the turns of a session.
  usageIs: 'total',
  usage: protocolUsage,
  stepUsage: () => null,
  failure: answerFailure,
  silence: SILENT_REFUSAL,
  // Its own messages come as pieces of the answer: news about retries, and in the end the error.
  isRetryNotice: (text) => /^Info: [^\n]*(?:[Rr]etrying|retrying)\.\.\.$/.test(text),
  failureInText: (lastPiece) => {
    const said =
      /^Error: (?<what>(?:Authentication failed with provider|Failed to get response from the AI model|The provider rejected |Model '|\d{3} )[\s\S]*)$/.exec(
        lastPiece,
      );
    const message = said?.groups?.['what'];
    return message === undefined ? null : { code: proseFailure(message), message: message.slice(0, 1000) };
  },
};

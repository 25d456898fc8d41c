import { type AcpProfile, protocolUsage, type ToolName } from '../agent-client-protocol/profile.ts';
import { answerFailure } from '../agent-client-protocol/prose-failure.ts';

export const profile: AcpProfile = {
  // It uses the credentials of its own configuration.
  authMethod: () => null,
  toolName: (call, servers) => toolOf(call.title ?? '', servers),
  toolInput: (call) => call.rawInput,
  inputComesWith: 'call',
  isFailedOutput: () => false,
  usageIs: 'of_turn',
  usage: protocolUsage,
  stepUsage: () => null,
  failure: answerFailure,
};

/** Its reference says `mcp__server__tool`, an older page `mcp_server_tool`; other characters than letters and digits become `_`. */
function toolOf(title: string, servers: readonly string[]): ToolName {
  const name = title.split(/[\s:(]/, 1)[0] ?? '';
  for (const server of servers) {
    const safe = server.replace(/[^A-Za-z0-9_]/g, '_');
    const prefix = [`mcp__${safe}__`, `mcp_${safe}_`].find((candidate) => name.startsWith(candidate));
    if (prefix !== undefined) return { server, tool: name.slice(prefix.length) };
  }
  return { server: null, tool: name };
}

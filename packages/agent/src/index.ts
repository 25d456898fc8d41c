export { AGENT_BIN_PATH } from './bin-path.ts';
export { parseServerEntry, type ServerEntry } from './configuration/server-entry.ts';
export { AGENT_ENV } from './environment-names.ts';
export { INHERITED_NAMES, serverEnvironment } from './mcp/child-environment.ts';
export type { AgentInput, AgentNotice, AgentOutput, HistoryMessage, ServerStatus } from './protocol.ts';
export { AGENT_VERSION } from './version.ts';

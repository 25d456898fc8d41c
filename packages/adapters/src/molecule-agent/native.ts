import type { BoxLayout } from '../contract/index.ts';
import { jsonFormat } from '../editing/json/json-format.ts';
import { commonEntry, readCommonEntry } from '../native-config/common-entry.ts';
import type { NativeConfig } from '../native-config/native-config.ts';

/** Home of the agent, MOLECULE_AGENT_HOME. */
export function agentHome(layout: BoxLayout): string {
  return `${layout.home}/.molecule-agent`;
}

export const native: NativeConfig = {
  serversPath: (layout) => `${agentHome(layout)}/config.json`,
  format: jsonFormat,
  serversKey: ['mcpServers'],
  // The agent refuses a turn while a required server is not connected.
  toNative: (server) => ({ ...commonEntry(server.descriptor), ...(server.required ? { required: true } : {}) }),
  fromNative: readCommonEntry,
  instructionsPath: (layout) => `${agentHome(layout)}/AGENTS.md`,
  skillsFolder: (layout) => `${agentHome(layout)}/skills`,
};

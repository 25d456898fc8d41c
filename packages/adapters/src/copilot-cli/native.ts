import type { DesiredServer } from '@molecule/contracts';
import type { ConfigMap } from '../editing/config-value.ts';
import { jsonFormat } from '../editing/json/json-format.ts';
import { commonEntry, readCommonEntry } from '../native-config/common-entry.ts';
import type { NativeConfig } from '../native-config/native-config.ts';

export const native: NativeConfig = {
  serversPath: (layout) => `${layout.home}/.copilot/mcp-config.json`,
  format: jsonFormat,
  serversKey: ['mcpServers'],
  toNative: entry,
  fromNative: readCommonEntry,
  instructionsPath: (layout) => `${layout.home}/.copilot/copilot-instructions.md`,
  skillsFolder: (layout) => `${layout.home}/.copilot/skills`,
};

function entry({ descriptor }: DesiredServer): ConfigMap {
  return { ...commonEntry(descriptor), type: descriptor.type === 'http' ? 'http' : 'local', tools: ['*'] };
}

import type { BoxLayout } from '../contract/index.ts';
import { jsonFormat } from '../editing/json/json-format.ts';
import { commonEntry, readCommonEntry } from '../native-config/common-entry.ts';
import type { NativeConfig } from '../native-config/native-config.ts';

/** CLAUDE_CONFIG_DIR of a box, and the folder of instructions and skills of a person. */
export function configFolder(layout: BoxLayout): string {
  return `${layout.home}/.claude`;
}

export const native: NativeConfig = {
  // The CLI reads `mcpServers` of settings.json nowhere. Without CLAUDE_CONFIG_DIR, as on a person's machine, the file lies beside the folder.
  serversPath: (layout) =>
    layout.owner === 'box' ? `${configFolder(layout)}/.claude.json` : `${layout.home}/.claude.json`,
  format: jsonFormat,
  serversKey: ['mcpServers'],
  // Without alwaysLoad the model sees only the names of the tools and has to search for them first.
  toNative: (server) => ({ ...commonEntry(server.descriptor), ...(server.required ? { alwaysLoad: true } : {}) }),
  fromNative: readCommonEntry,
  instructionsPath: (layout) => `${configFolder(layout)}/CLAUDE.md`,
  skillsFolder: (layout) => `${configFolder(layout)}/skills`,
};

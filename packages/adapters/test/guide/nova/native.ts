import type { BoxLayout } from '../../../src/contract/index.ts';
import { jsonFormat } from '../../../src/editing/json/json-format.ts';
import { commonEntry, readCommonEntry } from '../../../src/native-config/common-entry.ts';
import type { NativeConfig } from '../../../src/native-config/native-config.ts';

/** NOVA_HOME of a box and of a person. */
export function novaHome(layout: BoxLayout): string {
  return `${layout.home}/.nova`;
}

export const native: NativeConfig = {
  serversPath: (layout) => `${novaHome(layout)}/servers.json`,
  format: jsonFormat,
  serversKey: ['servers'],
  // Without `autoApprove` a call waits for a person.
  toNative: ({ descriptor }) => ({ ...commonEntry(descriptor), autoApprove: true }),
  fromNative: readCommonEntry,
  instructionsPath: (layout) => `${novaHome(layout)}/NOVA.md`,
  skillsFolder: (layout) => `${novaHome(layout)}/skills`,
};

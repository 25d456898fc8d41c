import type { BoxLayout } from '../contract/index.ts';
import { isMap, ownValue } from '../editing/config-value.ts';
import { jsoncFormat } from '../editing/json/json-format.ts';
import type { DesiredEntry } from '../editing/reconcile.ts';
import { commonEntry, readCommonEntry } from '../native-config/common-entry.ts';
import type { NativeConfig } from '../native-config/native-config.ts';
import { ADDRESS_VARIABLE, KEY_VARIABLE, MODEL_VARIABLE } from './variables.ts';

/** State folder of a box and of a person. */
export function stateFolder(layout: BoxLayout): string {
  return `${layout.home}/.openclaw`;
}

export const native: NativeConfig = {
  serversPath: (layout) => `${stateFolder(layout)}/openclaw.json`,
  format: jsoncFormat,
  serversKey: ['mcp', 'servers'],
  // Without `transport` an address means the older SSE.
  toNative: ({ descriptor }) => {
    const { type: _type, ...entry } = commonEntry(descriptor);
    return descriptor.type === 'http' ? { ...entry, transport: 'streamable-http' } : entry;
  },
  fromNative: (value) => (isMap(value) && ownValue(value, 'enabled') === false ? null : readCommonEntry(value)),
  settings: (layout) => (layout.owner === 'person' ? [] : boxSettings(layout)),
  // The persona is a file of the agent's own workspace.
  instructionsPath: (layout) =>
    layout.owner === 'box' ? `${layout.work}/SOUL.md` : `${stateFolder(layout)}/workspace/SOUL.md`,
  skillsFolder: (layout) => `${stateFolder(layout)}/skills`,
};

/** The model through the gateway, by reference, and a workspace that is not talked into a first-run ritual. */
function boxSettings(layout: BoxLayout): readonly DesiredEntry[] {
  const model = `\${${MODEL_VARIABLE}}`;
  return [
    {
      path: ['models', 'providers', 'molecule'],
      value: {
        baseUrl: `\${${ADDRESS_VARIABLE}}`,
        apiKey: `\${${KEY_VARIABLE}}`,
        api: 'openai-completions',
        models: [{ id: model, name: 'Molecule' }],
      },
    },
    { path: ['agents', 'defaults', 'model', 'primary'], value: `molecule/${model}` },
    { path: ['agents', 'defaults', 'workspace'], value: layout.work },
    { path: ['agents', 'defaults', 'skipBootstrap'], value: true },
    { path: ['update', 'checkOnStart'], value: false },
  ];
}

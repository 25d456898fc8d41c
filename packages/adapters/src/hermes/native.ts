import type { BoxLayout } from '../contract/index.ts';
import { isMap, ownValue } from '../editing/config-value.ts';
import type { DesiredEntry } from '../editing/reconcile.ts';
import { yamlFormat } from '../editing/yaml/yaml-format.ts';
import { commonEntry, readCommonEntry } from '../native-config/common-entry.ts';
import type { NativeConfig } from '../native-config/native-config.ts';
import { mapValues } from '../native-config/references.ts';
import { ADDRESS_VARIABLE, KEY_VARIABLE, MODEL_VARIABLE } from './variables.ts';

/** HERMES_HOME of a box and of a person. */
export function hermesHome(layout: BoxLayout): string {
  return `${layout.home}/.hermes`;
}

export const native: NativeConfig = {
  serversPath: (layout) => `${hermesHome(layout)}/config.yaml`,
  format: yamlFormat,
  serversKey: ['mcp_servers'],
  // A server is stdio or HTTP by its fields; there is no field for the kind.
  toNative: ({ descriptor }) => {
    const { type: _type, ...entry } = commonEntry(descriptor);
    return entry;
  },
  fromNative: (value) => {
    if (!isMap(value) || ownValue(value, 'enabled') === false) return null;
    const entry = readCommonEntry(value);
    if (entry === null) return null;
    return entry.type === 'http'
      ? { ...entry, url: plain(entry.url), headers: mapValues(entry.headers, plain) }
      : { ...entry, command: plain(entry.command), args: entry.args.map(plain), env: mapValues(entry.env, plain) };
  },
  settings: (layout) => (layout.owner === 'person' ? [] : MODEL_SETTINGS),
  instructionsPath: (layout) => `${hermesHome(layout)}/SOUL.md`,
  skillsFolder: (layout) => `${hermesHome(layout)}/skills`,
};

/** `${env:NAME}` is another spelling of `${NAME}`. */
function plain(value: string): string {
  return value.replaceAll('${env:', '${');
}

/** The model through the gateway, by reference: a value written here would outlive its boot. */
const MODEL_SETTINGS: readonly DesiredEntry[] = [
  { path: ['model', 'provider'], value: 'custom' },
  { path: ['model', 'default'], value: `\${${MODEL_VARIABLE}}` },
  { path: ['model', 'base_url'], value: `\${${ADDRESS_VARIABLE}}` },
  { path: ['model', 'api_key'], value: `\${${KEY_VARIABLE}}` },
];

import type { DesiredServer } from '@molecule/contracts';
import { type ConfigMap, isMap, ownValue } from '../editing/config-value.ts';
import { jsoncFormat } from '../editing/json/json-format.ts';
import type { DesiredEntry } from '../editing/reconcile.ts';
import { commonEntry, readCommonEntry } from './common-entry.ts';
import type { NativeConfig } from './native-config.ts';

export interface SettingsFolder {
  /** Name of the folder in the home, e.g. `.nova`. */
  readonly folder: string;
  /** Name of the instructions file in it. */
  readonly instructions: string;
  /** What every server's entry needs besides the usual fields, e.g. a trust switch. */
  readonly entry: ConfigMap;
  /** Settings of a box. On a person's machine their own settings decide. */
  readonly settings: readonly DesiredEntry[];
}

/**
 * Native files of a runtime that keeps all in one folder of the home: servers and settings in its `settings.json`, where an HTTP server has its
 * address in `httpUrl`, and instructions and skills beside it.
 */
export function settingsFolder({ folder, instructions, entry, settings }: SettingsFolder): NativeConfig {
  return {
    serversPath: ({ home }) => `${home}/${folder}/settings.json`,
    format: jsoncFormat,
    serversKey: ['mcpServers'],
    toNative: (server) => ({ ...usualFields(server), ...entry }),
    fromNative: (value) => {
      if (!isMap(value)) return null;
      const url = ownValue(value, 'httpUrl');
      return readCommonEntry(url === undefined ? value : { ...value, url });
    },
    settings: ({ owner }) => (owner === 'person' ? [] : settings),
    instructionsPath: ({ home }) => `${home}/${folder}/${instructions}`,
    skillsFolder: ({ home }) => `${home}/${folder}/skills`,
  };
}

function usualFields({ descriptor }: DesiredServer): ConfigMap {
  const { type: _type, url, ...rest } = commonEntry(descriptor);
  return url === undefined ? rest : { httpUrl: url, ...rest };
}

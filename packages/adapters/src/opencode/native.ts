import type { DesiredServer, ServerDescriptor } from '@molecule/contracts';
import { type ConfigMap, type ConfigValue, isMap, ownValue } from '../editing/config-value.ts';
import { jsoncFormat } from '../editing/json/json-format.ts';
import type { NativeConfig } from '../native-config/native-config.ts';
import { mapValues, plainReferences } from '../native-config/references.ts';

export const native: NativeConfig = {
  serversPath: (layout) => `${layout.home}/.config/opencode/opencode.json`,
  format: jsoncFormat,
  serversKey: ['mcp'],
  toNative: entry,
  fromNative: (value) => (isMap(value) ? readEntry(value) : null),
  instructionsPath: (layout) => `${layout.home}/.config/opencode/AGENTS.md`,
  skillsFolder: (layout) => `${layout.home}/.config/opencode/skills`,
};

/** `${VAR}` in the runtime's own form. */
function toNativeReference(text: string): string {
  return plainReferences(text).replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, '{env:$1}');
}

function fromNativeReference(text: string): string {
  return text.replace(/\{env:([A-Za-z_][A-Za-z0-9_]*)\}/g, '${$1}');
}

function entry({ descriptor }: DesiredServer): ConfigMap {
  if (descriptor.type === 'http') {
    // Without the switch it looks for an OAuth server first.
    return {
      type: 'remote',
      url: toNativeReference(descriptor.url),
      headers: mapValues(descriptor.headers, toNativeReference),
      oauth: false,
      enabled: true,
    };
  }
  return {
    type: 'local',
    command: [descriptor.command, ...descriptor.args].map(toNativeReference),
    environment: mapValues(descriptor.env, toNativeReference),
    enabled: true,
  };
}

function readEntry(value: ConfigMap): ServerDescriptor | null {
  if (ownValue(value, 'enabled') === false) return null;
  const url = ownValue(value, 'url');
  if (ownValue(value, 'type') === 'remote' && typeof url === 'string') {
    return { type: 'http', url: fromNativeReference(url), headers: strings(ownValue(value, 'headers')) };
  }
  const command = ownValue(value, 'command');
  if (ownValue(value, 'type') !== 'local' || !Array.isArray(command)) return null;
  const [program, ...args] = command
    .filter((part): part is string => typeof part === 'string')
    .map(fromNativeReference);
  return program === undefined
    ? null
    : { type: 'stdio', command: program, args, env: strings(ownValue(value, 'environment')) };
}

function strings(value: ConfigValue | undefined): Record<string, string> {
  if (value === undefined || !isMap(value)) return {};
  const pairs = Object.entries(value).filter((pair): pair is [string, string] => typeof pair[1] === 'string');
  return mapValues(Object.fromEntries(pairs), fromNativeReference);
}

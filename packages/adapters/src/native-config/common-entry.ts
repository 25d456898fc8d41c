import type { ServerDescriptor } from '@molecule/contracts';
import { type ConfigMap, type ConfigValue, isMap, ownValue } from '../editing/config-value.ts';
import { mapValues, plainReferences } from './references.ts';

/** A server in the shape that most runtimes share: `command`, `args`, `env`, or `url`, `headers`; with their `type` field. */
export function commonEntry(descriptor: ServerDescriptor): ConfigMap {
  if (descriptor.type === 'http') {
    return {
      type: 'http',
      url: plainReferences(descriptor.url),
      headers: mapValues(descriptor.headers, plainReferences),
    };
  }
  return {
    type: 'stdio',
    command: plainReferences(descriptor.command),
    args: descriptor.args.map(plainReferences),
    env: mapValues(descriptor.env, plainReferences),
  };
}

/** The shape read back; a missing `type` means what its fields say. Null for anything that is not such an entry. */
export function readCommonEntry(value: ConfigValue): ServerDescriptor | null {
  if (!isMap(value)) return null;
  const url = ownValue(value, 'url');
  const command = ownValue(value, 'command');
  if (typeof url === 'string' && url !== '') {
    const headers = stringMap(ownValue(value, 'headers'));
    return headers === null ? null : { type: 'http', url, headers };
  }
  if (typeof command !== 'string' || command === '') return null;
  const args = ownValue(value, 'args') ?? [];
  const env = stringMap(ownValue(value, 'env'));
  if (!Array.isArray(args) || !args.every((item): item is string => typeof item === 'string') || env === null)
    return null;
  return { type: 'stdio', command, args: [...args], env };
}

function stringMap(value: ConfigValue | undefined): Record<string, string> | null {
  if (value === undefined || value === null) return {};
  if (!isMap(value)) return null;
  const entries = Object.entries(value);
  return entries.every((pair): pair is [string, string] => typeof pair[1] === 'string')
    ? Object.fromEntries(entries)
    : null;
}

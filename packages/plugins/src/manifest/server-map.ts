import { HttpDescriptor, type ServerDescriptor, StdioDescriptor } from '@molecule/contracts';
import { z } from 'zod';
import { manifestInvalid, schemaInvalid } from './manifest-invalid.ts';

const MOST_SERVERS = 50;
const MOST_VALUES = 100;
const LONGEST_VALUE = 4_096;
const Entry = z.record(z.string(), z.unknown());

/**
 * A map of servers in any of the shapes that clients share: name → `command`, `args`, `env` or `url`, `headers`. Fields that belong to one client alone are left
 * out.
 * @throws MoleculeError `plugin_manifest_invalid`
 */
export function serverMap(value: unknown, path: string, plugin: string): Readonly<Record<string, ServerDescriptor>> {
  const map = z.record(z.string().min(1).max(128), Entry).safeParse(value);
  if (!map.success) throw schemaInvalid(plugin, path, map.error);
  const entries = Object.entries(map.data);
  if (entries.length > MOST_SERVERS) throw manifestInvalid(plugin, `${path} has more than ${MOST_SERVERS} servers`);
  return Object.fromEntries(entries.map(([name, entry]) => [name, descriptorOf(entry, `${path} at ${name}`, plugin)]));
}

function descriptorOf(entry: Readonly<Record<string, unknown>>, place: string, plugin: string): ServerDescriptor {
  const url = entry['url'] ?? entry['httpUrl'] ?? entry['serverUrl'];
  const type = entry['type'];
  if (type === 'sse')
    throw manifestInvalid(plugin, `${place}: the transport "sse" is not supported; use streamable HTTP`);
  const isHttp = url !== undefined;
  const parsed = isHttp
    ? HttpDescriptor.safeParse({ type: 'http', url, headers: entry['headers'] ?? {} })
    : StdioDescriptor.safeParse({
        type: 'stdio',
        command: entry['command'],
        args: entry['args'] ?? [],
        env: entry['env'] ?? {},
      });
  if (!parsed.success) throw schemaInvalid(plugin, place, parsed.error);
  checkSize(parsed.data, place, plugin);
  return parsed.data;
}

function checkSize(descriptor: ServerDescriptor, place: string, plugin: string): void {
  const values =
    descriptor.type === 'http'
      ? [descriptor.url, ...Object.entries(descriptor.headers).flat()]
      : [descriptor.command, ...descriptor.args, ...Object.entries(descriptor.env).flat()];
  if (values.length > 2 * MOST_VALUES) throw manifestInvalid(plugin, `${place} has more than ${MOST_VALUES} values`);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (values.some((value) => value.length > LONGEST_VALUE || /\u0000/.test(value)))
    throw manifestInvalid(plugin, `${place} has a value that is too long or holds a zero byte`);
}

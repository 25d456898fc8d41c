import type { ServerDescriptor } from '@molecule/contracts';
import type { NativeFile } from '../contract/index.ts';
import { isMap, valueAt } from '../editing/config-value.ts';
import { readIdentityBlock } from './identity-block.ts';
import { INSTRUCTIONS_FILE, type NativeConfig, SERVERS_FILE } from './native-config.ts';

/** The servers that the runtime would load from its file. Whatever is wrong with the file gives none and never an exception (B76, B77). */
export function readNativeServers(
  config: NativeConfig,
  files: readonly NativeFile[],
): Readonly<Record<string, ServerDescriptor>> {
  const text = files.find((file) => file.id === SERVERS_FILE)?.text ?? null;
  if (text === null) return {};
  const parsed = config.format.parse(text);
  if (!parsed.ok) return {};
  const map = valueAt(parsed.value, config.serversKey);
  if (!isMap(map)) return {};
  const found = Object.entries(map).flatMap(([name, value]) => {
    const descriptor = config.fromNative(value);
    return descriptor === null ? [] : [[name, descriptor] as const];
  });
  // A map made by fromEntries keeps a server named `__proto__` as an own key.
  return Object.fromEntries(found);
}

/** The identity text that the runtime will read, exactly as it was given to `render`; null when there is none. */
export function readNativeIdentity(files: readonly NativeFile[]): string | null {
  return readIdentityBlock(files.find((file) => file.id === INSTRUCTIONS_FILE)?.text ?? null);
}

import type { RuntimeAdapter } from '../contract/index.ts';
import { diagnoseManagement } from './management-diagnosis.ts';
import { INSTRUCTIONS_FILE, type NativeConfig, SERVERS_FILE } from './native-config.ts';
import { readNativeIdentity, readNativeServers } from './read-native.ts';
import { renderNative } from './render-native.ts';

/** All of an adapter that follows from the description of its native files. */
export function nativeFilesOf(
  native: NativeConfig,
): Pick<RuntimeAdapter, 'nativeFiles' | 'render' | 'read' | 'readIdentity' | 'diagnose'> {
  const read: RuntimeAdapter['read'] = (files) => readNativeServers(native, files);
  return {
    nativeFiles: (layout) => [
      { id: SERVERS_FILE, path: native.serversPath(layout) },
      { id: INSTRUCTIONS_FILE, path: native.instructionsPath(layout) },
    ],
    render: (input) => renderNative(native, input),
    read,
    readIdentity: readNativeIdentity,
    diagnose: (input) => diagnoseManagement(read, input),
  };
}

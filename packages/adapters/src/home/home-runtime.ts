import type { DesiredServer } from '@molecule/contracts';
import type { BoxLayout, RuntimeAdapter } from '../contract/index.ts';
import { snippetOf } from '../editing/file/reconcile-config-file.ts';
import { INSTRUCTIONS_FILE, type NativeConfig, SERVERS_FILE } from '../native-config/native-config.ts';
import { renderNative, wishedEntries } from '../native-config/render-native.ts';

/** As much of an adapter as rendering needs, so that a command that only renders loads neither schemas nor drivers of turns. */
export interface HomeRuntime extends Pick<RuntimeAdapter, 'nativeFiles' | 'render'> {
  /** What a person pastes where their file was refused; empty where the format cannot express it. */
  snippet(servers: readonly DesiredServer[], layout: BoxLayout): string;
  readonly skillsFolder: NativeConfig['skillsFolder'];
}

export function homeRuntime(native: NativeConfig): HomeRuntime {
  return {
    nativeFiles: (layout) => [
      { id: SERVERS_FILE, path: native.serversPath(layout) },
      { id: INSTRUCTIONS_FILE, path: native.instructionsPath(layout) },
    ],
    render: (input) => renderNative(native, input),
    snippet: (servers, layout) => snippetOf(native.format, wishedEntries(native, { servers, layout })),
    skillsFolder: native.skillsFolder,
  };
}

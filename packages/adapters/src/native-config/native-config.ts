import type { DesiredServer, ServerDescriptor } from '@molecule/contracts';
import type { BoxLayout } from '../contract/index.ts';
import type { ConfigMap, ConfigValue, Path } from '../editing/config-value.ts';
import type { DocumentFormat } from '../editing/document-format.ts';
import type { DesiredEntry } from '../editing/reconcile.ts';

/** Ids of native files, the same for every runtime. */
export const SERVERS_FILE = 'servers';
export const INSTRUCTIONS_FILE = 'instructions';

/** Where one runtime keeps its MCP servers, instructions and skills, and how it writes a server down. All of it is pure. */
export interface NativeConfig {
  /** File that holds the servers. Absolute path. */
  serversPath(layout: BoxLayout): string;
  readonly format: DocumentFormat;
  /** Path of the map of servers inside the document, e.g. `['mcpServers']`. */
  readonly serversKey: Path;
  toNative(server: DesiredServer): ConfigMap;
  /** Null for an entry that the runtime would not load. */
  fromNative(value: ConfigValue): ServerDescriptor | null;
  /** Settings that must stand in the same document for the servers to work, e.g. a trust switch. */
  settings?(layout: BoxLayout): readonly DesiredEntry[];
  /** File whose whole text reaches the model at the start of each conversation. */
  instructionsPath(layout: BoxLayout): string;
  /** Folder whose subfolders are skills. */
  skillsFolder(layout: BoxLayout): string;
}

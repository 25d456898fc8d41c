import { join } from 'node:path';
import type { DesiredServer } from '@molecule/contracts';

/** Name by which a plugin's descriptor refers to its own folder; vendors put theirs in front of it. */
const ROOT_REFERENCE = /\$\{(?:[A-Z]+_)?PLUGIN_ROOT\}/g;

/**
 * Points a server at the unpacked folder of its plugin: references to the plugin's root and paths that begin with `./` become absolute (B72). A
 * server whose plugin has no folder is left as it is.
 */
export function localizeServer(server: DesiredServer, pluginFolder: string | undefined): DesiredServer {
  if (pluginFolder === undefined || server.descriptor.type === 'http') return server;
  const local = (value: string) => {
    const rooted = value.replace(ROOT_REFERENCE, () => pluginFolder);
    return rooted.startsWith('./') ? join(pluginFolder, rooted) : rooted;
  };
  const { descriptor } = server;
  const env = Object.fromEntries(
    Object.entries(descriptor.env).map(([name, value]) => [name, value.replace(ROOT_REFERENCE, () => pluginFolder)]),
  );
  return {
    ...server,
    descriptor: { ...descriptor, command: local(descriptor.command), args: descriptor.args.map(local), env },
  };
}

import type { PluginManifest } from '@molecule/contracts';

/** Names by which a descriptor refers to the folder of its own package. */
const OWN_FOLDER = /\$\{(?:CLAUDE_)?PLUGIN_ROOT\}|^\.\//;

/** Whether a box needs the files of a package, or only what its manifest says. */
export function needsFiles(manifest: PluginManifest): boolean {
  if (manifest.skills.length > 0 || manifest.setup !== null) return true;
  return manifest.servers.some(
    ({ descriptor }) =>
      descriptor.type === 'stdio' &&
      [descriptor.command, ...descriptor.args, ...Object.values(descriptor.env)].some((value) =>
        OWN_FOLDER.test(value),
      ),
  );
}

import { fileURLToPath } from 'node:url';

/** Absolute path of the built launcher script; `up` puts an executable of the name `molecule-platform-mcp` that runs it into the boxes' PATH. */
export function launcherScriptPath(): string {
  return fileURLToPath(new URL('../../dist/launcher/molecule-platform-mcp.cjs', import.meta.url));
}

import { fileURLToPath } from 'node:url';

/**
 * Absolute path of the executable script, to be run by Node itself (`node AGENT_BIN_PATH --stream`).
 * From the sources it is the TypeScript file, which Node runs as it is; nothing the script imports needs a build.
 */
export const AGENT_BIN_PATH = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './bin.ts' : './bin.js', import.meta.url),
);

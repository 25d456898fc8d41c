import { access } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { AGENT_BIN_PATH, AGENT_VERSION } from '@molecule/agent';
import type { Detection } from '../contract/index.ts';

/** The agent is part of this installation: it is missing only where the build is incomplete. It has no login of its own. */
export async function detectAgent(): Promise<Detection> {
  const found = {
    path: AGENT_BIN_PATH,
    version: AGENT_VERSION,
    hasLogin: false,
    loginPath: null,
    readPaths: readPaths(),
  };
  try {
    await access(AGENT_BIN_PATH);
    return { ...found, available: true, problem: null };
  } catch {
    return { ...found, available: false, path: null, problem: `${AGENT_BIN_PATH} is missing. Build the project anew.` };
  }
}

/** The script's package, every folder in which Node looks for its libraries, and Node itself. */
function readPaths(): readonly string[] {
  const nodeModules = createRequire(AGENT_BIN_PATH).resolve.paths('ai') ?? [];
  return [
    dirname(dirname(AGENT_BIN_PATH)),
    ...nodeModules.filter((path) => path.endsWith('node_modules') && !path.startsWith(join('/', 'node_modules'))),
    process.execPath,
  ];
}

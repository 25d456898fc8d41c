import type { Detection } from '../contract/index.ts';
import { detectBinary } from '../detection/detect-binary.ts';
import { loginFile } from '../detection/login-file.ts';
import { LOGIN_VARIABLE } from './environment.ts';

/** Names a binary that is not on the search path, or another one than that. */
export const CLAUDE_PATH_VARIABLE = 'MOLECULE_CLAUDE_CODE_PATH';
/** First version line in which the stream, the control requests and the configuration place were seen to agree. */
export const MINIMUM_VERSION = '2.1.0';

/** What detection and environment look at, besides the search path and the home. The last one is the person's own login, for direct model access. */
export const HOST_VARIABLES: readonly string[] = [CLAUDE_PATH_VARIABLE, 'CLAUDE_CONFIG_DIR', LOGIN_VARIABLE];

export function detectClaude(env: Readonly<Record<string, string | undefined>>): Promise<Detection> {
  return detectBinary(
    {
      name: 'claude',
      override: CLAUDE_PATH_VARIABLE,
      minimumVersion: MINIMUM_VERSION,
      versionArgs: ['--version'],
      findLogin,
    },
    env,
  );
}

/** The CLI keeps its login in a file on Linux; on macOS in the keychain, which a box cannot reach. */
async function findLogin(env: Readonly<Record<string, string | undefined>>): ReturnType<typeof loginFile> {
  const file = await loginFile(env, '.claude/.credentials.json', 'CLAUDE_CONFIG_DIR');
  return { ...file, has: file.has || (env[LOGIN_VARIABLE] ?? '') !== '' };
}

import type { Detection } from '../contract/index.ts';
import { detectBinary } from '../detection/detect-binary.ts';
import { loginFile } from '../detection/login-file.ts';

/** Names a binary that is not on the search path, or another one than that. */
export const CODEX_PATH_VARIABLE = 'MOLECULE_CODEX_PATH';
/** First version line in which the app server and the keys of a server entry were seen to agree. */
export const MINIMUM_VERSION = '0.150.0';

/** What the two functions below look at, besides the search path and the home. */
export const HOST_VARIABLES: readonly string[] = [CODEX_PATH_VARIABLE, 'CODEX_HOME'];

export function detectCodex(env: Readonly<Record<string, string | undefined>>): Promise<Detection> {
  return detectBinary(
    {
      name: 'codex',
      override: CODEX_PATH_VARIABLE,
      minimumVersion: MINIMUM_VERSION,
      versionArgs: ['--version'],
      findLogin: (host) => loginFile(host, '.codex/auth.json', 'CODEX_HOME'),
    },
    env,
  );
}

/** Names the folder into which one CLI unpacks 235 MB of itself; without it, it does so in every home. */
export const UNPACKED_VARIABLE = 'COPILOT_PKG_CACHE_HOME';

/** The same folder for all boxes of a file of tests: unpacking takes seconds of processor time. */
export function unpackedOnce(hostEnv: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  const folder = hostEnv[UNPACKED_VARIABLE];
  return folder === undefined ? {} : { [UNPACKED_VARIABLE]: folder };
}

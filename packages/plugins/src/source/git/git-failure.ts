import type { MoleculeError } from '@molecule/contracts';
import { type FetchReason, fetchFailed } from '../fetch-failure.ts';
import type { GitOutput } from './git-process.ts';

/** What git's words mean. The first that fits counts; LC_ALL=C keeps the words English. */
const MEANINGS: readonly (readonly [RegExp, FetchReason])[] = [
  [/could not read (?:Username|Password)|terminal prompts disabled/i, 'credential_needed'],
  [/Authentication failed|returned error: 40[13]|Access denied/i, 'credential_refused'],
  [
    /couldn't find remote ref|Server does not allow request for unadvertised object|not our ref|unadvertised/i,
    'ref_not_found',
  ],
  [/repository '.*' not found|returned error: (?:404|410)|does not appear to be a git repository/i, 'not_found'],
  [/unable to update url base from redirection|returned error: 3\d\d/i, 'refused'],
  [
    /Could not resolve host|Failed to connect|Connection refused|Couldn't connect|Connection reset|Recv failure|Empty reply|SSL|certificate|returned error: 5\d\d|early EOF|unexpected disconnect|hung up/i,
    'unreachable',
  ],
  [/transport '.*' not allowed/i, 'address_refused'],
];

export function gitReason({ stderr }: Pick<GitOutput, 'stderr'>): FetchReason {
  return MEANINGS.find(([words]) => words.test(stderr))?.[1] ?? 'failed';
}

/** The failure of a git command with its last plain sentence. Addresses hold no credential, so the words of git may be shown. */
export function gitFailure(label: string, output: GitOutput): MoleculeError {
  if (output.isMissing) return fetchFailed(label, 'tool_missing', 'git is not installed on the server');
  const words = output.stderr
    .split('\n')
    .map((line) => line.replace(/^(?:fatal|error|remote): */, '').trim())
    .filter((line) => line !== '');
  return fetchFailed(
    label,
    gitReason(output),
    words.at(-1)?.slice(0, 300) ?? `git ended with ${output.code ?? output.killedBy}`,
  );
}

import { readFile } from 'node:fs/promises';

export interface GitCredential {
  readonly username: string;
  readonly password: string;
}

/**
 * The credential of the machine for an address, from a file in the format of git's own credential store (one `https://user:password@host[/path]` a line). Read
 * only after a server has asked for one (B60, I45). Null when there is none.
 */
export async function findGitCredential(file: string, address: string): Promise<GitCredential | null> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const wanted = new URL(address);
  for (const line of text.split('\n')) {
    if (!URL.canParse(line.trim())) continue;
    const url = new URL(line.trim());
    if (url.protocol !== wanted.protocol || url.host !== wanted.host || url.username === '') continue;
    const path = url.pathname.replace(/\/+$/, '');
    if (path !== '' && path !== wanted.pathname && !wanted.pathname.startsWith(`${path}/`)) continue;
    return { username: decodeURIComponent(url.username), password: decodeURIComponent(url.password) };
  }
  return null;
}

const USERNAME = 'MOLECULE_FETCH_USERNAME';
const PASSWORD = 'MOLECULE_FETCH_PASSWORD';

/**
 * How git gets a credential: a helper, bound to the one origin, that prints what is in the environment of that process. It is in no argument and no address.
 */
export function credentialHelper(
  origin: string,
  credential: GitCredential,
): { readonly args: readonly string[]; readonly env: Record<string, string> } {
  const helper = `!f() { test "$1" = get && printf 'username=%s\\npassword=%s\\n' "$${USERNAME}" "$${PASSWORD}"; }; f`;
  return {
    args: ['-c', `credential.${origin}.helper=${helper}`],
    env: { [USERNAME]: credential.username, [PASSWORD]: credential.password },
  };
}

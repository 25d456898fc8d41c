import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { MoleculeError } from '@molecule/contracts';

/** The account that the database server runs as. */
export interface ServerAccount {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

const PREFERRED_NAMES = ['postgres', '_postgres', 'nobody'];

export interface AccountChoice {
  /** Owner of the cluster that is there already: it is opened as that account and no other. */
  readonly owner?: { readonly uid: number; readonly gid: number } | undefined;
  readonly effectiveUid?: number;
  readonly userTable?: string;
}

/**
 * The account for the server, or undefined for "as ourselves". PostgreSQL refuses to run as root, and it refuses a user
 * id without an entry in the user table, so root needs an existing ordinary account: the one that the cluster was made with,
 * for a new one `postgres`, else `nobody`. Throws `database_unprivileged_user_missing`.
 */
export function chooseServerAccount({
  owner,
  effectiveUid = process.geteuid?.() ?? 0,
  userTable = '/etc/passwd',
}: AccountChoice = {}): ServerAccount | undefined {
  if (effectiveUid !== 0) return undefined;
  const accounts = readUserTable(userTable);
  if (owner !== undefined && owner.uid !== 0) {
    return { ...owner, name: accounts.find((account) => account.uid === owner.uid)?.name ?? String(owner.uid) };
  }
  for (const name of PREFERRED_NAMES) {
    const found = accounts.find((account) => account.name === name && account.uid !== 0);
    if (found !== undefined) return found;
  }
  throw new MoleculeError('database_unprivileged_user_missing');
}

function readUserTable(path: string): ServerAccount[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return [];
  }
  return text.split('\n').flatMap((line) => {
    const [name, , uid, gid] = line.split(':');
    if (name === undefined || uid === undefined || gid === undefined || name.startsWith('#')) return [];
    return [{ name, uid: Number(uid), gid: Number(gid) }];
  });
}

const READ = 4;
const PASS = 1;

/**
 * True if the account can pass through every directory from the root to `path` and read what lies there, as far as
 * the mode bits say. A directory must give both read and pass; a file must give read.
 */
export function canReach(account: ServerAccount, path: string): boolean {
  try {
    const target = statSync(path);
    const needed = target.isDirectory() ? READ | PASS : READ;
    return grants(account, target, needed) && canPass(account, dirname(path));
  } catch {
    return false;
  }
}

/** True if the account can pass through `folder` and every directory above it. It need not be able to list them. */
export function canPass(account: ServerAccount, folder: string): boolean {
  try {
    for (let current = folder; ; current = dirname(current)) {
      if (!grants(account, statSync(current), PASS)) return false;
      if (current === dirname(current)) return true;
    }
  } catch {
    return false;
  }
}

function grants(account: ServerAccount, file: { uid: number; gid: number; mode: number }, bits: number): boolean {
  const shift = file.uid === account.uid ? 6 : file.gid === account.gid ? 3 : 0;
  return ((file.mode >> shift) & bits) === bits;
}

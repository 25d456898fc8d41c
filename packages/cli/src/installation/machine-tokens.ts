import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Scope } from '@molecule/contracts';
import { scopesOfRole } from '@molecule/control-plane';
import { type Executor, findToken, mintToken } from '@molecule/store';
import { writePrivate } from './private-file.ts';

export interface MachineTokens {
  /** The owner's, for the CLI and for people's own programs. */
  readonly owner: string;
  /** The box host's. */
  readonly host: string;
  readonly hostTokenFile: string;
}

const HOST_SCOPES: readonly Scope[] = ['host:connect'];

/** Tokens of this machine: those in the keys folder if they still hold, new ones otherwise. The files are readable by their owner only. */
export async function ensureMachineTokens(
  db: Executor,
  keysDir: string,
  org: { readonly orgId: string; readonly ownerId: string },
): Promise<MachineTokens> {
  const hostTokenFile = join(keysDir, 'host.token');
  const owner = await ensureToken(db, join(keysDir, 'owner.token'), () =>
    mintToken(db, {
      orgId: org.orgId,
      kind: 'owner',
      name: 'owner of this machine',
      scopes: [...scopesOfRole('owner'), 'mcp:management'],
      userId: org.ownerId,
    }),
  );
  const host = await ensureToken(db, hostTokenFile, () =>
    mintToken(db, { orgId: org.orgId, kind: 'host', name: 'box host of this machine', scopes: HOST_SCOPES }),
  );
  return { owner, host, hostTokenFile };
}

async function ensureToken(
  db: Executor,
  path: string,
  mint: () => Promise<{ readonly value: string }>,
): Promise<string> {
  const kept = (await readFile(path, 'utf8').catch(() => '')).trim();
  const row = kept === '' ? undefined : await findToken(db, kept);
  if (row !== undefined && row.revoked_at === null && (row.expires_at === null || row.expires_at > new Date()))
    return kept;
  const { value } = await mint();
  await writePrivate(path, `${value}\n`);
  return value;
}

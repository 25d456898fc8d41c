import { randomBytes } from 'node:crypto';
import type { Executor } from '../executor.ts';
import { hashToken } from '../tokens/token-value.ts';

/** A nonce that nobody presents dies after this long; a slow first launch of a server takes its time. */
const NONCE_LIFE_MS = 10 * 60_000;

export interface NonceBinding {
  readonly workspaceId: string;
  readonly bootId: string;
  readonly server: string;
}

/**
 * Makes the one-time nonce that a launcher under proof presents on `/mcp`. Bound to workspace, boot and server; only its hash is
 * stored. Replaces unused ones of the same server.
 */
export async function mintNonce(trx: Executor, binding: NonceBinding, now: Date): Promise<string> {
  const value = randomBytes(32).toString('base64url');
  await trx
    .deleteFrom('proof_nonces')
    .where('workspace_id', '=', binding.workspaceId)
    .where('server', '=', binding.server)
    .where('expires_at', '<', now)
    .execute();
  await trx
    .insertInto('proof_nonces')
    .values({
      hash: hashToken(value),
      workspace_id: binding.workspaceId,
      boot_id: binding.bootId,
      server: binding.server,
      expires_at: new Date(now.getTime() + NONCE_LIFE_MS),
      used_at: null,
    })
    .execute();
  return value;
}

/** Uses a nonce up: true for exactly one of any number of calls, and only with the binding it was made for. */
export async function consumeNonce(trx: Executor, value: string, binding: NonceBinding, now: Date): Promise<boolean> {
  const used = await trx
    .updateTable('proof_nonces')
    .set({ used_at: now })
    .where('hash', '=', hashToken(value))
    .where('workspace_id', '=', binding.workspaceId)
    .where('boot_id', '=', binding.bootId)
    .where('server', '=', binding.server)
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .returning('workspace_id')
    .execute();
  return used.length === 1;
}

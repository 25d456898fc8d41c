import { call } from '../api/client.ts';
import { type ApiProblem, asProblem } from '../api/problem.ts';
import type { PostMessageReply } from '../api/wire.generated.ts';
import { createStore } from '../live/store.ts';

const STORED_AS = 'molecule.outbox';

/**
 * Messages that the server has not confirmed. States: sending → gone (confirmed), or → held (refused or unreachable; sent again by hand, or when the line
 * is back). Kept in the browser's storage: a reload or a crash leaves them held. Each has a key that makes a repeat harmless.
 */
export interface Unsent {
  readonly key: string;
  readonly workspaceId: string;
  readonly conversationId: string | null;
  readonly text: string;
  readonly state: 'sending' | 'held';
  readonly problem: { readonly code: ApiProblem['code']; readonly message: string; readonly hint: string } | null;
}

export const outbox = createStore<readonly Unsent[]>(restore());

/** Sends a message, or the same one again. Returns what the server made of it, undefined when it is held. */
export async function send(entry: Omit<Unsent, 'state' | 'problem'>): Promise<PostMessageReply | undefined> {
  const sending: Unsent = { ...entry, state: 'sending', problem: null };
  change((list) =>
    list.some((each) => each.key === entry.key)
      ? list.map((each) => (each.key === entry.key ? sending : each))
      : [...list, sending],
  );
  try {
    const { workspaceId, conversationId, text, key } = entry;
    const reply =
      conversationId === null
        ? await call('POST /api/v1/workspaces/{id}/messages', {
            path: { id: workspaceId },
            body: { text },
            idempotencyKey: key,
          })
        : await call('POST /api/v1/conversations/{id}/messages', {
            path: { id: conversationId },
            body: { text },
            idempotencyKey: key,
          });
    discard(key);
    return reply;
  } catch (error) {
    const { code, message, hint } = asProblem(error);
    change((list) =>
      list.map((each) =>
        each.key === entry.key ? { ...each, state: 'held', problem: { code, message, hint } } : each,
      ),
    );
    return undefined;
  }
}

export function discard(key: string): void {
  change((list) => list.filter((each) => each.key !== key));
}

function change(work: (list: readonly Unsent[]) => readonly Unsent[]): void {
  outbox.set(work(outbox.get()));
  try {
    localStorage.setItem(STORED_AS, JSON.stringify(outbox.get()));
  } catch {
    // Full or blocked: the entry still lives in this page.
  }
}

function restore(): readonly Unsent[] {
  try {
    const stored = JSON.parse(localStorage.getItem(STORED_AS) ?? '[]') as readonly Unsent[]; // written by `change`
    return stored.map((each) =>
      each.state === 'sending'
        ? {
            ...each,
            state: 'held',
            problem: {
              code: 'unreachable',
              message: 'The page was closed before this was confirmed.',
              hint: 'Sending it again is safe: it arrives once.',
            },
          }
        : each,
    );
  } catch {
    return [];
  }
}

import { BOX_REPLIES, BoxReply, type BoxReplyOf, type BoxRequest, MoleculeError, newId } from '@molecule/contracts';
import { BOX_CALL_CHANNEL, forgetBoxCall, leaveBoxCall, readBoxCall, type WorkspaceRow } from '@molecule/store';
import type { Listener } from '../kernel/event-hub.ts';
import type { Services } from '../kernel/services.ts';

/** A box that has not fetched a request by then is not there. */
const TAKEN_LIMIT_MS = 6_000;
const REPLY_LIMIT_MS = 30_000;
/** Requests of one workspace that wait at once, in this replica. */
const WAITING_LIMIT = 40;

interface Waiting {
  readonly workspaceId: string;
  readonly look: () => void;
}

export interface BoxCallOptions {
  readonly signal?: AbortSignal;
  /** Time that the box may take on purpose, beyond the usual. */
  readonly extraMs?: number;
}

/**
 * Asks running boxes for something, and waits for the answer. Boxes only dial out and any replica may be the one they reach, so requests and answers
 * go through the database: the replica that holds the line of the box's host is told and sends the id, the box fetches the request, and its answer wakes
 * the replica that waits.
 *
 * A request is given out once, and is never repeated by us: what is written or typed happens at most once. A crash leaves rows that the next
 * request removes.
 */
export class BoxCalls {
  readonly #services: Services;
  readonly #waiting = new Map<string, Waiting>();
  readonly #listeners = new Set<(workspaceId: string, callId: string) => void>();
  #subscription: { close(): Promise<void> } | null = null;

  constructor(services: Services) {
    this.#services = services;
  }

  async start(listener: Listener): Promise<void> {
    const again = (): void => {
      for (const { look } of this.#waiting.values()) look();
    };
    this.#subscription = await listener.listen(BOX_CALL_CHANNEL, (payload) => this.#heard(payload), again);
  }

  async stop(): Promise<void> {
    await this.#subscription?.close();
  }

  /** Told of every request, for whoever holds the line to the box. @returns function that ends it */
  onCall(listener: (workspaceId: string, callId: string) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /**
   * One request to the box of a workspace. @throws MoleculeError `box_not_running`, `box_unreachable`, `rate_limited`, and what the box refuses it with
   */
  async ask<R extends BoxRequest>(
    workspace: WorkspaceRow,
    request: R,
    options: BoxCallOptions = {},
  ): Promise<BoxReplyOf<R['type']>> {
    const { boot_id: bootId, status, name, id: workspaceId } = workspace;
    if (bootId === null || ['provisioning', 'offline', 'paused', 'hibernated', 'removed'].includes(status))
      throw new MoleculeError('box_not_running', {
        params: { workspace: name, status: status === 'hibernated' ? 'asleep' : status },
      });
    if ([...this.#waiting.values()].filter((each) => each.workspaceId === workspaceId).length >= WAITING_LIMIT)
      throw new MoleculeError('rate_limited', { params: { retryAfterSeconds: 1 } });
    const id = newId();
    const { db, clock } = this.#services;
    try {
      const reply = this.#reply(id, workspace, options);
      await leaveBoxCall(db, { id, workspaceId, bootId }, JSON.stringify(request), clock.now());
      const answer = BoxReply.parse(JSON.parse(await reply));
      if (!answer.ok) throw new MoleculeError(answer.code, { params: answer.params });
      return BOX_REPLIES[request.type].parse(answer.value) as BoxReplyOf<R['type']>; // the table pairs each request with its reply
    } finally {
      this.#waiting.delete(id);
      await forgetBoxCall(db, id, clock.now());
    }
  }

  #reply(
    id: string,
    { id: workspaceId, name }: WorkspaceRow,
    { signal, extraMs = 0 }: BoxCallOptions,
  ): Promise<string> {
    const { db, stopping } = this.#services;
    const ended = AbortSignal.any([stopping, ...(signal === undefined ? [] : [signal])]);
    const away = (detail: string): MoleculeError =>
      new MoleculeError('box_unreachable', { params: { workspace: name, detail } });
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const look = (): void => {
      readBoxCall(db, id).then((row) => {
        if (typeof row?.reply === 'string') resolve(row.reply);
      }, reject);
    };
    const lookTaken = (): void => {
      readBoxCall(db, id).then((row) => {
        if (row?.taken !== true) reject(away('it is not connected just now'));
      }, reject);
    };
    const taken = setTimeout(lookTaken, TAKEN_LIMIT_MS);
    const late = setTimeout(() => reject(away('it took too long')), REPLY_LIMIT_MS + extraMs);
    const stop = (): void =>
      reject(stopping.aborted ? new MoleculeError('shutting_down') : away('nobody waits any more'));
    ended.addEventListener('abort', stop, { once: true });
    if (ended.aborted) stop();
    this.#waiting.set(id, { workspaceId, look });
    const clean = (): void => {
      clearTimeout(taken);
      clearTimeout(late);
      ended.removeEventListener('abort', stop);
    };
    promise.then(clean, clean);
    return promise;
  }

  #heard(payload: string): void {
    const [what, first = '', second = ''] = payload.split(' ');
    if (what === 'call') for (const listener of this.#listeners) listener(first, second);
    else if (what === 'reply') this.#waiting.get(first)?.look();
  }
}

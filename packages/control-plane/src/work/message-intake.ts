import { MoleculeError, type PostMessageReply } from '@molecule/contracts';
import {
  type Executor,
  findMessageTargets,
  findWorkspace,
  findWorkspaceByName,
  insertTurns,
  type MessageTarget,
  type WorkspaceRow,
} from '@molecule/store';
import { z } from 'zod';
import { Gatherer } from '../kernel/gatherer.ts';
import type { Services } from '../kernel/services.ts';
import { violatedConstraint } from '../kernel/violated-constraint.ts';
import { digestOf, isStale, type NewWork, postMessage, replyOf } from './post-message.ts';

/** A batch stays one short statement. */
const MOST_TOGETHER = 100;

type Letter = Omit<NewWork, 'now' | 'parent'>;

interface Addressed {
  readonly orgId: string;
  readonly workspaceId: string;
  readonly letter: Letter;
}

/**
 * Takes messages of people in. Most go to a workspace and a conversation that are there: those which arrive at the same time are written with one
 * statement, so that a busy minute costs the database few commits. All others (a first conversation, a repeated idempotency key, a
 * workspace that must be woken, any error) take the long way, `postMessage`, one transaction each. Either way a message is stored when it is answered.
 */
export class MessageIntake {
  readonly #services: Services;
  readonly #together: Gatherer<Addressed, PostMessageReply | undefined>;

  constructor(services: Services) {
    this.#services = services;
    this.#together = new Gatherer(MOST_TOGETHER, (batch) => this.#write(batch));
  }

  /** @param ref id or name of the workspace. @throws what `postMessage` throws, and MoleculeError `workspace_not_found` */
  async take(orgId: string, ref: string, letter: Letter): Promise<PostMessageReply> {
    const short = isId(ref)
      ? await this.#together.add({ orgId, workspaceId: ref, letter }).catch(notStored)
      : undefined;
    if (short !== undefined) return short;
    const alone = (): Promise<PostMessageReply> =>
      this.#services.db
        .transaction()
        .execute(async (trx) =>
          postMessage(trx, await workspaceOf(trx, orgId, ref), { ...letter, now: this.#services.clock.now() }),
        );
    return alone().catch((error: unknown) => {
      // The same key at the same time: by now the other one's task is there to be found.
      if (violatedConstraint(error) !== 'tasks_idempotency') throw error;
      return alone();
    });
  }

  /** Writes what is plain. Undefined = nothing was stored for it, it is to go the long way. */
  async #write(batch: readonly Addressed[]): Promise<readonly (PostMessageReply | undefined)[]> {
    const { db, clock } = this.#services;
    const now = clock.now();
    const targets = await findMessageTargets(
      db,
      batch.map(({ orgId, workspaceId, letter }) => ({
        orgId,
        workspaceId,
        conversationId: letter.conversationId ?? null,
        idempotencyKey: letter.idempotencyKey,
      })),
    );
    const plain = batch.flatMap((each, place) => {
      const target = targets[place];
      return target !== undefined && isPlain(target) ? [{ ...each, place, target }] : [];
    });
    if (plain.length === 0) return batch.map(() => undefined);
    const made = await insertTurns(
      db,
      plain.map(({ orgId, workspaceId, letter, target }) => ({
        orgId,
        workspaceId,
        conversationId: target.conversationId,
        parentTaskId: null,
        hop: 0,
        prompt: letter.text,
        idempotencyKey: letter.idempotencyKey,
        requestDigest: letter.idempotencyKey === null ? null : digestOf(letter),
        deadlineAt: null,
        actor: letter.actor,
        touches: isStale(target.conversationUpdatedAt, now),
      })),
      now,
    );
    const replies = new Map(plain.map(({ place }, index) => [place, made[index]]));
    return batch.map((_, place) => {
      const turn = replies.get(place);
      return turn === undefined ? undefined : replyOf(turn.taskId, turn.question);
    });
  }
}

type PlainTarget = MessageTarget & { readonly conversationId: string; readonly conversationUpdatedAt: Date };

function isPlain(target: MessageTarget): target is PlainTarget {
  return (
    !target.known && target.conversationId !== null && target.status !== 'removed' && target.status !== 'hibernated'
  );
}

/** The database refused the batch for what one message in it holds (SQLSTATE 22, 23): nothing of it was stored. After any other error that is not known. */
function notStored(error: unknown): undefined {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  if (/^2[23]...$/.test(code)) return undefined;
  throw error;
}

function isId(ref: string): boolean {
  return z.uuid().safeParse(ref).success;
}

/** By id or by name. @throws MoleculeError `workspace_not_found` */
export async function workspaceOf(db: Executor, orgId: string, ref: string): Promise<WorkspaceRow> {
  const row = isId(ref) ? await findWorkspace(db, orgId, ref) : await findWorkspaceByName(db, orgId, ref);
  if (row === undefined) throw new MoleculeError('workspace_not_found', { params: { workspace: ref } });
  return row;
}

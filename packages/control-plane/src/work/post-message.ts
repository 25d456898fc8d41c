import { createHash } from 'node:crypto';
import { MoleculeError, type PostMessageReply } from '@molecule/contracts';
import {
  type ConversationRow,
  type Executor,
  findConversation,
  findTaskByKey,
  insertConversation,
  insertTurn,
  lockWorkspace,
  type MessageRow,
  messagesOfTask,
  newestConversation,
  publicMessage,
  requestBoot,
  type WorkspaceRow,
} from '@molecule/store';

/** A title is the beginning of what was first said. */
const TITLE_LENGTH = 80;
/** How exactly a conversation knows when it was last written to. */
const TOUCH_INTERVAL_MS = 1_000;
/** Bounds a chain of delegations (design 10). */
const MOST_HOPS = 16;

export interface NewWork {
  readonly text: string;
  /** Absent = the workspace's newest conversation, or a first one. */
  readonly conversationId?: string;
  /** Makes a repeat of the request harmless. */
  readonly idempotencyKey: string | null;
  readonly actor: string;
  readonly now: Date;
  /** The task on whose behalf the message is sent, for delegation. */
  readonly parent?: { readonly taskId: string; readonly hop: number };
}

/**
 * Takes a message in: question, pending answer, task and their events in one transaction, listed from its commit on. The same key
 * with the same request gets the same answer and causes nothing.
 * Two requests with one new key at the same time: the second violates `tasks_idempotency` and is to be tried again.
 * @param trx a transaction
 * @throws MoleculeError `workspace_removed`, `conversation_not_found`, `idempotency_conflict`
 */
export async function postMessage(trx: Executor, workspace: WorkspaceRow, work: NewWork): Promise<PostMessageReply> {
  if (workspace.status === 'removed') throw new MoleculeError('workspace_removed');
  const digest = digestOf(work);
  const known = work.idempotencyKey === null ? undefined : await findTaskByKey(trx, workspace.id, work.idempotencyKey);
  if (known !== undefined) {
    if (known.request_digest === null || !digest.equals(known.request_digest))
      throw new MoleculeError('idempotency_conflict');
    const messages = await messagesOfTask(trx, known.id);
    return replyOf(
      known.id,
      messages.find((message) => message.role === 'user'),
    );
  }
  const hop = work.parent === undefined ? 0 : work.parent.hop + 1;
  if (hop > MOST_HOPS)
    throw new MoleculeError('invalid_request', {
      params: { detail: `a chain of delegations has at most ${MOST_HOPS} steps` },
    });
  const conversation = await conversationFor(trx, workspace, work);
  const { taskId, question } = await insertTurn(
    trx,
    {
      orgId: workspace.org_id,
      workspaceId: workspace.id,
      conversationId: conversation.id,
      parentTaskId: work.parent?.taskId ?? null,
      hop,
      prompt: work.text,
      idempotencyKey: work.idempotencyKey,
      requestDigest: work.idempotencyKey === null ? null : digest,
      deadlineAt: null,
      actor: work.actor,
      touches: isStale(conversation.updated_at, work.now),
    },
    work.now,
  );
  if (workspace.status === 'hibernated')
    await requestBoot(trx, workspace.id, 'wake', { reason: 'message', actor: work.actor, now: work.now });
  return replyOf(taskId, question);
}

/** Whether the conversation should note that it is written to. */
export function isStale(updatedAt: Date, now: Date): boolean {
  return now.getTime() - updatedAt.getTime() >= TOUCH_INTERVAL_MS;
}

/** What a request with an idempotency key is recognised by. */
export function digestOf({ text, conversationId }: Pick<NewWork, 'text' | 'conversationId'>): Buffer {
  return createHash('sha256')
    .update(JSON.stringify([text, conversationId ?? null]))
    .digest();
}

async function conversationFor(trx: Executor, workspace: WorkspaceRow, work: NewWork): Promise<ConversationRow> {
  if (work.conversationId !== undefined) {
    const given = await findConversation(trx, workspace.org_id, work.conversationId);
    if (given === undefined || given.workspace_id !== workspace.id)
      throw new MoleculeError('conversation_not_found', { params: { conversation: work.conversationId } });
    return given;
  }
  const title = work.text.replace(/\s+/g, ' ').trim().slice(0, TITLE_LENGTH);
  const newest = await newestConversation(trx, workspace.id);
  if (newest !== undefined) return newest;
  // Two first messages at the same time make one conversation.
  await lockWorkspace(trx, workspace.id);
  return (
    (await newestConversation(trx, workspace.id)) ??
    insertConversation(trx, workspace.org_id, workspace.id, title, work.now)
  );
}

export function replyOf(taskId: string, question: MessageRow | undefined): PostMessageReply {
  if (question === undefined) throw new Error(`task ${taskId} has no question`);
  const message = publicMessage(question);
  return { message, taskId: taskId as PostMessageReply['taskId'], conversationId: message.conversationId }; // uuid column
}

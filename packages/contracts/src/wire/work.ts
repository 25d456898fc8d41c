import { z } from 'zod';
import { BootId, ConversationId, MessageId, TaskId, WorkspaceId } from '../names/ids.ts';
import { FailureCode, TokenUsage, TurnEvent } from './turn-event.ts';

export const TaskStatus = z.enum(['queued', 'running', 'completed', 'failed', 'cancelled']).meta({ id: 'TaskStatus' });
export type TaskStatus = z.infer<typeof TaskStatus>;

export const Task = z
  .object({
    id: TaskId,
    workspaceId: WorkspaceId,
    conversationId: ConversationId.nullable(),
    parentTaskId: TaskId.nullable(),
    status: TaskStatus,
    attempt: z.int(),
    prompt: z.string(),
    result: z.string().nullable(),
    failure: FailureCode.nullable(),
    failureMessage: z.string().nullable(),
    advice: z.string().nullable(),
    usage: TokenUsage.nullable(),
    createdAt: z.iso.datetime(),
    startedAt: z.iso.datetime().nullable(),
    endedAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Task' });
export type Task = z.infer<typeof Task>;

/** `POST /api/v1/registry/tasks/lease`: 200 with a lease, or 204 when there is no work. */
export const LeaseRequest = z.object({ bootId: BootId }).strict().meta({ id: 'LeaseRequest' });
export const Lease = z
  .object({
    taskId: TaskId,
    /** Fencing number: every later call of this attempt names it, and a higher one wins. */
    attempt: z.int(),
    prompt: z.string(),
    /** Generation of the desired state by which the turn has to be run; a box that is behind catches up first. */
    generation: z.int(),
    conversationId: ConversationId.nullable(),
    /** Session to resume, as the runtime named it; null = a new one. */
    sessionId: z.string().nullable(),
    /** Earlier messages, for a runtime that has no session to resume (e.g. after a switch). Oldest first. */
    history: z.array(z.object({ role: z.enum(['user', 'agent']), text: z.string() })),
    /** The lease ends at this time unless a heartbeat renews it, ISO 8601. */
    leaseUntil: z.iso.datetime(),
    deadlineMs: z.int(),
  })
  .meta({ id: 'Lease' });
export type Lease = z.infer<typeof Lease>;

/** `POST /api/v1/registry/tasks/:id/events`; `from` is the index of the first event in the attempt, so a repeat changes nothing. */
export const TaskEventsRequest = z
  .object({ bootId: BootId, attempt: z.int(), from: z.int().nonnegative(), events: z.array(TurnEvent).min(1).max(500) })
  .strict()
  .meta({ id: 'TaskEventsRequest' });
export type TaskEventsRequest = z.infer<typeof TaskEventsRequest>;
/** `cancel`: somebody wants the task ended. */
export const TaskEventsReply = z.object({ cancel: z.boolean() }).meta({ id: 'TaskEventsReply' });

/** `POST /api/v1/registry/tasks/:id/result`: the one terminal result; repeated until acknowledged. */
export const TaskResultRequest = z
  .object({
    bootId: BootId,
    attempt: z.int(),
    ok: z.boolean(),
    text: z.string(),
    failure: FailureCode.nullable(),
    message: z.string().nullable(),
    sessionId: z.string().nullable(),
    usage: TokenUsage.nullable(),
    /** All events of the attempt, so that nothing is missing when a batch was lost. */
    events: z.array(TurnEvent).max(10_000),
    /** The box has nothing else to do and takes the next task with the answer. */
    next: z.boolean().optional(),
  })
  .strict()
  .meta({ id: 'TaskResultRequest' });
export type TaskResultRequest = z.infer<typeof TaskResultRequest>;
export const TaskResultReply = z
  .object({ accepted: z.boolean(), status: TaskStatus, next: Lease.nullable() })
  .meta({ id: 'TaskResultReply' });
export type TaskResultReply = z.infer<typeof TaskResultReply>;

export const Message = z
  .object({
    id: MessageId,
    conversationId: ConversationId,
    workspaceId: WorkspaceId,
    role: z.enum(['user', 'agent', 'system']),
    /** `pending` while its task runs; an agent message is listed as soon as its task is taken in. */
    status: z.enum(['complete', 'pending', 'failed']),
    text: z.string(),
    taskId: TaskId.nullable(),
    /** Tool calls of the turn, for display. */
    parts: z.array(TurnEvent),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Message' });
export type Message = z.infer<typeof Message>;

export const PostMessage = z
  .object({ text: z.string().min(1).max(1_000_000), conversationId: ConversationId.optional() })
  .strict()
  .meta({ id: 'PostMessage' });
export const PostMessageReply = z
  .object({ message: Message, taskId: TaskId, conversationId: ConversationId })
  .meta({ id: 'PostMessageReply' });
export type PostMessageReply = z.infer<typeof PostMessageReply>;

export const Conversation = z
  .object({
    id: ConversationId,
    workspaceId: WorkspaceId,
    title: z.string(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({ id: 'Conversation' });
export type Conversation = z.infer<typeof Conversation>;

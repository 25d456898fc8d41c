import type { EventType } from '@molecule/contracts';
import type { Executor } from '../executor.ts';

export interface NewEvent {
  readonly orgId: string;
  readonly type: EventType;
  /** `user:…`, `token:…`, `box:…`, `host:…` or `system`. */
  readonly actor: string;
  readonly workspaceId?: string | null;
  readonly conversationId?: string | null;
  readonly taskId?: string | null;
  /** Facts for the reader; never a secret. */
  readonly data?: Readonly<Record<string, unknown>>;
}

/**
 * Appends to the outbox inside the caller's transaction, so that an event exists exactly when its change does. Readers are
 * woken at commit by the table's trigger.
 */
export async function appendEvents(db: Executor, events: readonly NewEvent[]): Promise<void> {
  if (events.length === 0) return;
  await db.insertInto('events').values(events.map(eventRow)).execute();
}

function eventRow(event: NewEvent) {
  return {
    org_id: event.orgId,
    type: event.type,
    actor: event.actor,
    workspace_id: event.workspaceId ?? null,
    conversation_id: event.conversationId ?? null,
    task_id: event.taskId ?? null,
    data: JSON.stringify(event.data ?? {}),
  };
}

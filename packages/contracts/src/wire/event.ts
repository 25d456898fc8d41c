import { z } from 'zod';
import { ConversationId, TaskId, WorkspaceId } from '../names/ids.ts';

/**
 * Types of events in the outbox. `turn.events` carries TurnEvent batches of a running attempt and is pruned after the task
 * has ended; all others are history.
 */
export const EVENT_TYPES = [
  'workspace.created',
  'workspace.status',
  'workspace.updated',
  'workspace.signals',
  'workspace.removed',
  'boot.event',
  'proof.passed',
  'proof.failed',
  'gate.refused',
  'drift.repaired',
  'drift.contested',
  'task.created',
  'task.started',
  'task.updated',
  'task.ended',
  'turn.events',
  'message.created',
  'message.updated',
  'plugin.declared',
  'plugin.refused',
  'plugin.installed',
  'plugin.uninstalled',
  'plugin.failed',
  'plugin.changed',
  'rollout.updated',
  'budget.changed',
  'budget.warned',
  'budget.exhausted',
  'secret.changed',
  'model.changed',
  'model.trouble',
  'model.recovered',
  'files.changed',
  'terminal.opened',
  'terminal.closed',
  'token.created',
  'token.revoked',
  'host.connected',
  'host.lost',
] as const;
export const EventType = z.enum(EVENT_TYPES).meta({ id: 'EventType' });
export type EventType = z.infer<typeof EventType>;

export const MoleculeEvent = z
  .object({
    /** Cursor of the event; give the last one seen as `Last-Event-ID` to go on after it. */
    cursor: z.string(),
    type: EventType,
    workspaceId: WorkspaceId.nullable(),
    conversationId: ConversationId.nullable(),
    taskId: TaskId.nullable(),
    /** Who caused it: `user:…`, `token:…`, `box:…`, `system`. */
    actor: z.string(),
    at: z.iso.datetime(),
    data: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'MoleculeEvent' });
export type MoleculeEvent = z.infer<typeof MoleculeEvent>;

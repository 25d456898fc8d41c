import {
  type BootEventsRequest,
  BoxSecrets,
  DesiredState,
  EnrolReply,
  type EnrolRequest,
  HeartbeatReply,
  type HeartbeatRequest,
  Lease,
  type RegisterRequest,
  TaskEventsReply,
  type TaskEventsRequest,
  TaskResultReply,
  type TaskResultRequest,
} from '@molecule/contracts';
import type { ControlPlaneClient } from './control-plane-client.ts';

const BASE = '/api/v1/registry';

/** What a box says to the control plane. Every call but `lease` may be repeated without further effect. */
export const registryCalls = {
  /** Trades the one-time enrolment token for the box's own token, secrets and desired state. Sent once: the token works once. */
  enrol: async (client: ControlPlaneClient, enrolmentToken: string, body: EnrolRequest, signal: AbortSignal) =>
    present(
      await client.call({
        method: 'POST',
        path: `${BASE}/enrol`,
        token: enrolmentToken,
        body,
        reply: EnrolReply,
        idempotent: false,
        attempts: 8,
        signal,
      }),
    ),

  desiredState: async (client: ControlPlaneClient, token: string): Promise<DesiredState> =>
    present(
      await client.call({ method: 'GET', path: `${BASE}/desired-state`, token, reply: DesiredState, idempotent: true }),
    ),

  /** Values of the secrets that the workspace was granted, as they are now. */
  secrets: async (client: ControlPlaneClient, token: string): Promise<Readonly<Record<string, string>>> =>
    present(await client.call({ method: 'GET', path: `${BASE}/secrets`, token, reply: BoxSecrets, idempotent: true }))
      .secrets,

  register: async (client: ControlPlaneClient, token: string, body: RegisterRequest): Promise<HeartbeatReply> =>
    present(
      await client.call({
        method: 'POST',
        path: `${BASE}/register`,
        token,
        body,
        reply: HeartbeatReply,
        idempotent: true,
        attempts: 6,
      }),
    ),

  /** Sent once: the next beat comes anyway. */
  heartbeat: async (client: ControlPlaneClient, token: string, body: HeartbeatRequest): Promise<HeartbeatReply> =>
    present(
      await client.call({
        method: 'POST',
        path: `${BASE}/heartbeat`,
        token,
        body,
        reply: HeartbeatReply,
        idempotent: false,
        attempts: 2,
      }),
    ),

  bootEvents: (client: ControlPlaneClient, token: string, body: BootEventsRequest) =>
    client.call({ method: 'POST', path: `${BASE}/boot-events`, token, body, reply: null, idempotent: true }),

  /** Null: there is no work. */
  lease: (client: ControlPlaneClient, token: string, bootId: string, signal: AbortSignal): Promise<Lease | null> =>
    client.call({
      method: 'POST',
      path: `${BASE}/tasks/lease`,
      token,
      body: { bootId },
      reply: Lease,
      idempotent: false,
      attempts: 2,
      signal,
    }),

  taskEvents: async (client: ControlPlaneClient, token: string, taskId: string, body: TaskEventsRequest) =>
    present(
      await client.call({
        method: 'POST',
        path: `${BASE}/tasks/${taskId}/events`,
        token,
        body,
        reply: TaskEventsReply,
        idempotent: true,
        attempts: 2,
      }),
    ),

  taskResult: async (client: ControlPlaneClient, token: string, taskId: string, body: TaskResultRequest) =>
    present(
      await client.call({
        method: 'POST',
        path: `${BASE}/tasks/${taskId}/result`,
        token,
        body,
        reply: TaskResultReply,
        idempotent: true,
      }),
    ),
} as const;

function present<T>(value: T | null): T {
  if (value === null) throw new Error('The control plane answered a call without the content that belongs to it.');
  return value;
}

import { z } from 'zod';
import { BootId, HostId, TaskId, WorkspaceId } from '../names/ids.ts';

/** What a runtime can do: declared by its adapter and seen by the conformance kit; a claim that was not seen counts as no. */
export const RuntimeFacts = z
  .object({
    title: z.string(),
    /** `run`: the real binary took part in the tests; `format`: built to the documented format, not run; `never`: there is no record. */
    tested: z.enum(['run', 'format', 'never']),
    testedVersion: z.string().nullable(),
    streaming: z.boolean(),
    resume: z.boolean(),
    cancel: z.boolean(),
    /** How a changed configuration reaches a running session. */
    reload: z.enum(['live', 'next_turn', 'new_session']),
    /** The runtime itself fails the turn when a required server is broken; where it does not, only the platform's gate does. */
    requiredServers: z.boolean(),
    httpServers: z.boolean(),
  })
  .meta({ id: 'RuntimeFacts' });
export type RuntimeFacts = z.infer<typeof RuntimeFacts>;

/** A runtime as found on the box host's machine. */
export const FoundRuntime = z.object({
  runtime: z.string(),
  available: z.boolean(),
  version: z.string().nullable(),
  path: z.string().nullable(),
  /** Why it is not available; null when it is. */
  problem: z.string().nullable(),
  /** True when the CLI's own login was found, so that direct model access is possible. */
  hasLogin: z.boolean(),
  facts: RuntimeFacts.optional(),
});
export type FoundRuntime = z.infer<typeof FoundRuntime>;

/**
 * `POST /api/v1/hosts/connect`: a box host says what runs, and the answer is a server-sent event stream of HostOrder.
 * State-based: the first orders bring the host from what it says to what is wanted, so a reconnect needs no cursor.
 */
export const HostConnect = z
  .object({
    hostId: HostId,
    hostname: z.string().max(255),
    pid: z.int(),
    version: z.string().max(50),
    running: z.array(z.object({ workspaceId: WorkspaceId, bootId: BootId })).max(100_000),
    runtimes: z.array(FoundRuntime).max(100),
    isolation: z.record(z.string(), z.unknown()),
  })
  .strict()
  .meta({ id: 'HostConnect' });
export type HostConnect = z.infer<typeof HostConnect>;

export const HostOrder = z
  .discriminatedUnion('type', [
    /** Start a box for this boot. A boot that runs already ignores it. */
    z.object({
      type: z.literal('start'),
      workspaceId: WorkspaceId,
      bootId: BootId,
      enrolmentToken: z.string(),
      runtime: z.string(),
    }),
    /** End the box; `graceMs` is what a running turn may take to end. `wipe` removes its folder too. */
    z.object({
      type: z.literal('stop'),
      workspaceId: WorkspaceId,
      bootId: BootId,
      graceMs: z.int(),
      wipe: z.boolean(),
    }),
    /** There is work to lease. */
    z.object({ type: z.literal('work'), workspaceId: WorkspaceId }),
    z.object({ type: z.literal('cancel'), workspaceId: WorkspaceId, taskId: TaskId }),
    /** Heartbeat now: desired state changed or a repair is due. */
    z.object({ type: z.literal('beat'), workspaceId: WorkspaceId }),
    /** A person asks for something inside the box: fetch it under this id. */
    z.object({ type: z.literal('call'), workspaceId: WorkspaceId, callId: z.uuid() }),
    /** Sent every 15 s so that both ends notice a dead connection. */
    z.object({ type: z.literal('ping') }),
  ])
  .meta({ id: 'HostOrder' });
export type HostOrder = z.infer<typeof HostOrder>;

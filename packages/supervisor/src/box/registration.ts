import type { HeartbeatReply, HeartbeatRequest, Proof } from '@molecule/contracts';
import { registryCalls } from '../client/registry-calls.ts';
import type { BoxContext } from './box-context.ts';
import type { Application } from './desired-application.ts';
import type { Redaction } from './redaction.ts';

/** Tells the control plane what a box is and what it has proved, without any secret. @throws MoleculeError when the gate refuses */
export function registerBox(
  { services, credentials, order }: BoxContext,
  redaction: Redaction,
  application: Application,
): Promise<HeartbeatReply> {
  const { report, proofs, generation, runtime, runtimeVersion, isolation } = application;
  return registryCalls.register(
    services.client,
    credentials.apiKey,
    redaction.apply({
      ...report,
      bootId: order.bootId,
      generation,
      runtime,
      runtimeVersion,
      proofs: [...proofs],
      ...(isolation === null ? {} : { isolation }),
    } as Parameters<typeof registryCalls.register>[2]), // redaction keeps the shape, its type does not say so
  );
}

/** One heartbeat: how the box is, what it is at work on, and the proofs that were not taken in yet. */
export function sendBeat(
  { services, credentials, order }: BoxContext,
  redaction: Redaction,
  application: Application,
  running: HeartbeatRequest['running'],
  proofs: readonly Proof[] | null,
): Promise<HeartbeatReply> {
  const beat = {
    ...application.report,
    bootId: order.bootId,
    generation: application.generation,
    running,
    ...(proofs === null ? {} : { proofs: [...proofs] }),
  } as HeartbeatRequest; // the report's fields are those of the wire
  return registryCalls.heartbeat(services.client, credentials.apiKey, redaction.apply(beat));
}

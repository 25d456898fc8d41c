import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import { urlToHttpOptions } from 'node:url';
import { AddressRefused } from '@molecule/plugins';
import type { CallAddress } from './call-addresses.ts';
import type { CircuitBreaker } from './circuit-breaker.ts';
import { type AttemptFailure, readRetryAfter, retryDelay } from './retry-rule.ts';
import type { UpstreamAgents } from './upstream-agents.ts';

export interface UpstreamTarget {
  readonly url: URL;
  /** Of the address, where they are known already. */
  readonly options?: CallAddress['options'];
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly guarded: boolean;
}

export interface UpstreamTimes {
  readonly connectMs: number;
  readonly firstByteMs: number;
}

/** An answer that has begun, or why there is none. `sent`: the provider may have worked on it. */
export type UpstreamOutcome =
  | { readonly kind: 'answer'; readonly response: IncomingMessage; readonly request: ClientRequest }
  | {
      readonly kind: 'failed';
      readonly reason: 'unreachable' | 'broken' | 'timeout' | 'address' | 'paused';
      readonly detail: string;
      readonly sent: boolean;
      readonly retryAfterSeconds?: number;
    }
  | { readonly kind: 'cancelled'; readonly sent: boolean };

export interface UpstreamTools {
  readonly agents: UpstreamAgents;
  readonly breaker: CircuitBreaker;
  readonly times: UpstreamTimes;
  readonly random: () => number;
}

/** Makes a call, again where that is right (see `retryDelay`), until its answer begins. The request ends when `signal` aborts. */
export async function callUpstream(
  target: UpstreamTarget,
  tools: UpstreamTools,
  signal: AbortSignal,
): Promise<UpstreamOutcome> {
  const { breaker } = tools;
  for (let attempt = 1; ; attempt += 1) {
    const pauseMs = breaker.admit(performance.now());
    if (pauseMs > 0)
      return {
        kind: 'failed',
        reason: 'paused',
        detail: 'it has not answered lately',
        sent: false,
        retryAfterSeconds: Math.ceil(pauseMs / 1000),
      };
    const outcome = await attemptOnce(target, tools, signal);
    if (outcome.kind === 'cancelled') {
      breaker.undecided();
      return outcome;
    }
    const failure = failureOf(outcome);
    if (failure === null) {
      breaker.answered();
      return outcome;
    }
    if (failure.kind === 'answer' && failure.status === 429) breaker.answered();
    else breaker.failed(performance.now());
    const waitMs = retryDelay(failure, attempt, tools.random());
    if (waitMs === null) return outcome;
    if (outcome.kind === 'answer') {
      outcome.response.resume();
      if (!outcome.response.complete) outcome.request.destroy();
    }
    try {
      await delay(waitMs, undefined, { signal });
    } catch {
      return { kind: 'cancelled', sent: false };
    }
  }
}

/** Null = nothing that another attempt could mend. */
function failureOf(outcome: UpstreamOutcome): AttemptFailure | null {
  if (outcome.kind === 'cancelled') return null;
  if (outcome.kind === 'failed') return outcome.reason === 'unreachable' ? { kind: 'unsent' } : { kind: 'broken' };
  const { statusCode: status = 502, headers } = outcome.response;
  return status < 500 && status !== 408 && status !== 429
    ? null
    : { kind: 'answer', status, retryAfterMs: readRetryAfter(headers['retry-after'], Date.now()) };
}

function attemptOnce(target: UpstreamTarget, tools: UpstreamTools, signal: AbortSignal): Promise<UpstreamOutcome> {
  if (signal.aborted) return Promise.resolve({ kind: 'cancelled', sent: false });
  let agent: ReturnType<UpstreamAgents['of']>;
  try {
    agent = tools.agents.of(target.url, target.guarded);
  } catch (error) {
    if (!(error instanceof AddressRefused)) throw error;
    return Promise.resolve({ kind: 'failed', reason: 'address', detail: error.message, sent: false });
  }
  return new Promise((resolve) => {
    const send = target.url.protocol === 'https:' ? httpsRequest : httpRequest;
    const request = send({
      ...(target.options ?? urlToHttpOptions(target.url)),
      method: target.method,
      headers: target.headers,
      agent,
    });
    let isConnected = false;
    let timedOut: 'connect' | 'first byte' | null = null;
    const end = (outcome: UpstreamOutcome): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', cancel);
      resolve(outcome);
    };
    const giveUp = (which: 'connect' | 'first byte'): void => {
      timedOut = which;
      request.destroy();
    };
    let timer = setTimeout(giveUp, tools.times.connectMs, 'connect');
    const cancel = (): void => {
      request.destroy();
      end({ kind: 'cancelled', sent: isConnected });
    };
    signal.addEventListener('abort', cancel, { once: true });
    request.on('socket', (socket) => {
      const connected = (): void => {
        isConnected = true;
        clearTimeout(timer);
        timer = setTimeout(giveUp, tools.times.firstByteMs, 'first byte');
      };
      if (!socket.connecting) connected();
      else socket.once(target.url.protocol === 'https:' ? 'secureConnect' : 'connect', connected);
    });
    request.on('response', (response) => end({ kind: 'answer', response, request }));
    request.on('error', (error: NodeJS.ErrnoException) => {
      if (timedOut !== null)
        return end({
          kind: 'failed',
          reason: 'timeout',
          detail: `no ${timedOut === 'connect' ? 'connection' : 'answer'} in time`,
          sent: isConnected,
        });
      if (error instanceof AddressRefused)
        return end({ kind: 'failed', reason: 'address', detail: error.message, sent: false });
      // A kept connection that the provider closed just then: the request was not taken in.
      const unsent = !isConnected || (request.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE'));
      end({
        kind: 'failed',
        reason: unsent ? 'unreachable' : 'broken',
        detail: error.code ?? error.message,
        sent: !unsent,
      });
    });
    request.end(target.body);
  });
}

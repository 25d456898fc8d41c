import { Agent, type IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { MoleculeError, Problem } from '@molecule/contracts';
import type { ControlPlaneAddress } from './control-plane-address.ts';
import { ControlPlaneUnavailable } from './control-plane-unavailable.ts';
import { exchange, readBody } from './http-exchange.ts';

export interface ApiCall<T> {
  readonly method: 'GET' | 'POST';
  /** Path below the control plane's address. */
  readonly path: string;
  readonly token: string;
  readonly body?: unknown;
  /** Checks and types the answer; null for a call whose answer is of no interest. */
  readonly reply: { parse(value: unknown): T } | null;
  /** True where a repeat has no further effect: such a call is tried again after any failure, others only if they were certainly not taken in. */
  readonly idempotent: boolean;
  /** How often it is sent at most. */
  readonly attempts?: number;
  readonly signal?: AbortSignal;
}

const CALL_TIMEOUT_MS = 30_000;
const DEFAULT_ATTEMPTS = 3;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;
const LARGEST_REPLY_BYTES = 32 * 1024 * 1024;
/** Shared by all boxes of the process: a box that waits costs no connection of its own. */
const CONNECTIONS = 32;

/**
 * Calls to the control plane, for every box of this process.
 *
 * States: open; closed (no kept-alive connection left). Nothing is kept between two calls besides idle connections.
 */
export class ControlPlaneClient {
  readonly address: ControlPlaneAddress;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS, maxFreeSockets: 4, keepAliveMsecs: 30_000 });
  #lastAnswerAt: number;
  #lastMissAt = Number.NEGATIVE_INFINITY;
  readonly #now: () => number;

  constructor(address: ControlPlaneAddress, now: () => number = Date.now) {
    this.address = address;
    this.#now = now;
    this.#lastAnswerAt = now();
  }

  /** When the control plane last answered anything, milliseconds of the clock given at construction. */
  get lastAnswerAt(): number {
    return this.#lastAnswerAt;
  }

  /** When it last gave no usable answer: it was gone, or without its database. Same clock. */
  get lastMissAt(): number {
    return this.#lastMissAt;
  }

  /**
   * Sends a call; resolves with the checked answer, or null for an answer without content (204).
   * @throws MoleculeError for a refusal from the catalogue, ControlPlaneUnavailable when no usable answer came.
   */
  async call<T>(input: ApiCall<T>): Promise<T | null> {
    const attempts = input.attempts ?? DEFAULT_ATTEMPTS;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#once(input);
      } catch (error) {
        input.signal?.throwIfAborted();
        if (!(error instanceof ControlPlaneUnavailable) || attempt >= attempts || !(input.idempotent || error.isUnsent))
          throw error;
        await delay(pauseBefore(attempt + 1), undefined, input.signal === undefined ? {} : { signal: input.signal });
      }
    }
  }

  /**
   * Opens an answer that is read as a stream (events, artifacts). Not repeated; the caller ends it with `destroy`.
   * @param input.isLong true: a connection of its own, which may stay open for days.
   */
  async open(
    input: Omit<ApiCall<never>, 'reply' | 'idempotent' | 'attempts'> & {
      readonly accept: string;
      readonly isLong: boolean;
    },
  ): Promise<IncomingMessage> {
    const response = await this.#send(input, input.accept, input.isLong ? false : this.#agent);
    if ((response.statusCode ?? 0) !== 200) throw await this.#refusal(response);
    return response;
  }

  close(): void {
    this.#agent.destroy();
  }

  async #once<T>(input: ApiCall<T>): Promise<T | null> {
    const response = await this.#send(input, 'application/json', this.#agent);
    const status = response.statusCode ?? 0;
    if (status >= 300) throw await this.#refusal(response);
    const text = await readBody(response, LARGEST_REPLY_BYTES);
    if (status === 204 || input.reply === null) return null;
    try {
      return input.reply.parse(JSON.parse(text));
    } catch (error) {
      throw new ControlPlaneUnavailable(`the answer of ${input.path} is not of the expected form`, {
        cause: error,
        isUnsent: false,
      });
    }
  }

  async #send(
    input: Pick<ApiCall<unknown>, 'method' | 'path' | 'token' | 'body' | 'signal'>,
    accept: string,
    agent: Agent | false,
  ): Promise<IncomingMessage> {
    const base = this.address.current();
    if (base === null) throw new ControlPlaneUnavailable('its address is not known yet', { isUnsent: true });
    try {
      const response = await exchange(agent, {
        url: base + input.path,
        method: input.method,
        token: input.token,
        accept,
        timeoutMs: CALL_TIMEOUT_MS,
        signal: input.signal,
        body: input.body === undefined ? undefined : JSON.stringify(input.body),
      });
      this.#lastAnswerAt = this.#now();
      return response;
    } catch (error) {
      this.address.refresh();
      this.#lastMissAt = this.#now();
      throw error;
    }
  }

  async #refusal(response: IncomingMessage): Promise<Error> {
    const error = await asError(response);
    if (error instanceof ControlPlaneUnavailable) this.#lastMissAt = this.#now();
    return error;
  }
}

/** Pause before attempt `attempt` (2 = the first repeat), in milliseconds: doubling, capped, with half of it at random so that many boxes spread. */
export function pauseBefore(attempt: number, random: () => number = Math.random): number {
  const full = Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 2), LONGEST_PAUSE_MS);
  return full / 2 + (full / 2) * random();
}

async function asError(response: IncomingMessage): Promise<Error> {
  const status = response.statusCode ?? 0;
  const text = await readBody(response, 1024 * 1024);
  const problem = Problem.safeParse(parseJson(text));
  if (problem.success && !(status >= 500 && ['shutting_down', 'database_unavailable'].includes(problem.data.code))) {
    return new MoleculeError(problem.data.code, { params: problem.data.params ?? {} });
  }
  return new ControlPlaneUnavailable(`it answered ${status}${problem.success ? `: ${problem.data.detail}` : ''}`, {
    isUnsent: status === 503,
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

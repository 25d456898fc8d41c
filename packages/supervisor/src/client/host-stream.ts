import type { IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { type HostConnect, HostOrder } from '@molecule/contracts';
import type { ControlPlaneClient } from './control-plane-client.ts';
import { EventStreamParser } from './event-stream-parser.ts';

/** The control plane pings every 15 s; three missed pings are a dead connection. */
export const PING_TIMEOUT_MS = 45_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

export interface HostStreamOptions {
  readonly client: ControlPlaneClient;
  readonly hostToken: string;
  /** What runs now; asked again at each connection, because the answer to it is what should run. */
  readonly describe: () => HostConnect;
  readonly onOrder: (order: HostOrder) => void;
  readonly onState: (state: 'connected' | 'lost', detail: string) => void;
  readonly pingTimeoutMs?: number;
}

/**
 * The box host's line to the control plane: orders come in as server-sent events.
 *
 * States: connecting → connected → (lost → waiting → connecting)… → closed. The stream has no cursor: at every connection the host says what runs and
 * the first orders bring it to what is wanted. An order that is not understood is skipped, so that a newer control plane can add some.
 */
export class HostStream {
  readonly #options: HostStreamOptions;
  readonly #closing = new AbortController();
  readonly finished: Promise<void>;
  #response: IncomingMessage | null = null;

  constructor(options: HostStreamOptions) {
    this.#options = options;
    this.finished = this.#run();
  }

  get isConnected(): boolean {
    return this.#response !== null;
  }

  /** Drops the connection and connects again, which has the control plane send everything that is wanted once more. */
  reconnect(): void {
    this.#response?.destroy();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#response?.destroy();
    await this.finished;
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    for (let failures = 0; !signal.aborted; ) {
      let detail = 'the stream ended';
      try {
        await this.#listen();
      } catch (error) {
        detail = error instanceof Error ? error.message : String(error);
      }
      if (this.#response !== null) failures = 0;
      // A host that waits for its control plane says so once, not at every attempt.
      if (failures === 0) this.#options.onState('lost', detail);
      this.#response = null;
      failures += 1;
      const pauseMs =
        Math.min(FIRST_PAUSE_MS * 2 ** Math.min(failures - 1, 10), LONGEST_PAUSE_MS) * (0.5 + Math.random() / 2);
      await delay(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async #listen(): Promise<void> {
    const { client, hostToken, describe, onOrder, onState } = this.#options;
    const response = await client.open({
      method: 'POST',
      path: '/api/v1/hosts/connect',
      token: hostToken,
      body: describe(),
      accept: 'text/event-stream',
      isLong: true,
      signal: this.#closing.signal,
    });
    this.#response = response;
    onState('connected', '');
    response.setEncoding('utf8');
    response.socket.setTimeout(this.#options.pingTimeoutMs ?? PING_TIMEOUT_MS, () =>
      response.destroy(new Error('no ping from the control plane')),
    );
    const parser = new EventStreamParser();
    for await (const text of response as AsyncIterable<string>) {
      for (const data of parser.push(text)) {
        const order = HostOrder.safeParse(parseJson(data));
        if (order.success && order.data.type !== 'ping') onOrder(order.data);
      }
    }
  }
}

function parseJson(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return null;
  }
}

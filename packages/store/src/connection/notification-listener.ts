import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';

/*
 * One connection that waits for NOTIFY, for all channels of this process.
 *
 *   idle --first listen--> connecting --> listening --(connection lost)--> connecting (growing pauses) --> listening
 *   any --close--> closed
 *
 * Notifications that are sent while the connection is down are lost for ever; PostgreSQL keeps none. So after each
 * reconnection every subscriber is told to read again what it may have missed. A crash leaves nothing.
 */

export interface Subscription {
  close(): Promise<void>;
}

interface Subscriber {
  readonly channel: string;
  readonly onPayload: (payload: string) => void;
  readonly onReconnect: () => void;
}

export interface ListenerOptions {
  readonly client: pg.ClientConfig;
  /** Told of losses; nobody else hears of them. */
  readonly onLoss: (error: Error) => void;
}

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 5_000;
/** A connection that fell silent does not confirm its end. */
const END_LIMIT_MS = 2_000;

export class NotificationListener {
  readonly #options: ListenerOptions;
  readonly #subscribers = new Set<Subscriber>();
  readonly #closed = new AbortController();
  #client: pg.Client | undefined;
  #connecting: Promise<pg.Client> | undefined;
  #sending: Promise<unknown> = Promise.resolve();

  constructor(options: ListenerOptions) {
    this.#options = options;
  }

  /** Resolves when the server confirmed that it listens: what is sent from then on arrives. */
  async listen(channel: string, onPayload: (payload: string) => void, onReconnect: () => void): Promise<Subscription> {
    const subscriber: Subscriber = { channel, onPayload, onReconnect };
    this.#subscribers.add(subscriber);
    try {
      await this.#connected();
      await this.#send(`listen ${pg.escapeIdentifier(channel)}`);
    } catch (error) {
      this.#subscribers.delete(subscriber);
      throw error;
    }
    return { close: async () => this.#unsubscribe(subscriber) };
  }

  async close(): Promise<void> {
    this.#closed.abort();
    this.#subscribers.clear();
    await this.#connecting?.catch(() => {});
    const ended = this.#client?.end().catch(() => {});
    await Promise.race([ended, delay(END_LIMIT_MS, undefined, { ref: false })]);
    this.#client = undefined;
  }

  #unsubscribe(subscriber: Subscriber): void {
    this.#subscribers.delete(subscriber);
    const { channel } = subscriber;
    const wanted = [...this.#subscribers].some((other) => other.channel === channel);
    if (wanted) return;
    // Nobody waits for the answer: a connection that fell silent gives none, and if it is just lost, the next one does not listen to it anyway.
    void this.#send(`unlisten ${pg.escapeIdentifier(channel)}`).catch(() => {});
  }

  /** Statements go one after the other: the client takes one at a time. */
  #send(statement: string): Promise<unknown> {
    const sent = this.#sending.then(() => this.#client?.query(statement));
    this.#sending = sent.catch(() => {});
    return sent;
  }

  #connected(): Promise<pg.Client> {
    if (this.#client !== undefined) return Promise.resolve(this.#client);
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = undefined;
    });
    return this.#connecting;
  }

  async #connect(): Promise<pg.Client> {
    this.#closed.signal.throwIfAborted();
    const client = new pg.Client(this.#options.client);
    let lost = false;
    const onEnd = (error: Error): void => {
      if (lost) return;
      lost = true;
      if (this.#client !== client) return;
      this.#client = undefined;
      if (!this.#closed.signal.aborted) void this.#reconnect(error);
    };
    client.on('error', onEnd);
    client.on('end', () => onEnd(new Error('The connection was closed.')));
    client.on('notification', ({ channel, payload }) => this.#deliver(channel, payload ?? ''));
    try {
      await client.connect();
      for (const channel of new Set([...this.#subscribers].map((subscriber) => subscriber.channel))) {
        await client.query(`listen ${pg.escapeIdentifier(channel)}`);
      }
      if (lost || this.#closed.signal.aborted) throw new Error('The connection was closed.');
    } catch (error) {
      await client.end().catch(() => {});
      throw error;
    }
    this.#client = client;
    return client;
  }

  async #reconnect(cause: Error): Promise<void> {
    this.#options.onLoss(cause);
    const { signal } = this.#closed;
    for (let pauseMs = FIRST_PAUSE_MS; !signal.aborted; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      try {
        // Spread, so that not every replica comes back in the same moment.
        await delay(pauseMs * (0.5 + Math.random() / 2), undefined, { signal });
        await this.#connected();
        for (const subscriber of [...this.#subscribers]) subscriber.onReconnect();
        return;
      } catch (error) {
        if (!signal.aborted && error instanceof Error) this.#options.onLoss(error);
      }
    }
  }

  #deliver(channel: string, payload: string): void {
    for (const subscriber of [...this.#subscribers]) {
      if (subscriber.channel === channel) subscriber.onPayload(payload);
    }
  }
}

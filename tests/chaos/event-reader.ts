import { type SeenEvent, streamEvents, type TestInstallation } from '@molecule/testkit/installation';

const RECONNECT_MS = 50;

/**
 * A reader of the event stream as a browser is one: it reads on at its cursor whenever the connection breaks, for as long as the test runs. What it has seen must be
 * what the database holds, in that order, each event once.
 */
export class EventReader {
  readonly seen: SeenEvent[] = [];
  readonly #stop = new AbortController();
  readonly #reading: Promise<void>;

  constructor(house: TestInstallation) {
    this.#reading = this.#read(house);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#reading;
  }

  async #read(house: TestInstallation): Promise<void> {
    while (!this.#stop.signal.aborted) {
      try {
        const last = this.seen.at(-1)?.cursor;
        for await (const event of streamEvents(
          `${house.ready.url}/api/v1/events?cursor=0-0`,
          house.ready.token,
          this.#stop.signal,
          last,
        ))
          this.seen.push(event);
      } catch {
        // cut: whatever the reason, it is taken up again
      }
      if (!this.#stop.signal.aborted) await new Promise((resolve) => setTimeout(resolve, RECONNECT_MS));
    }
  }
}

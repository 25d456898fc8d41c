const POLL_MS = 20;

/**
 * Asks again until the answer is right, and gives it.
 * @param limitMs at most this long
 * @throws Error with the last answer when the time is over
 */
export async function until<T>(
  what: string,
  look: () => T | Promise<T>,
  right: (value: T) => boolean = Boolean,
  limitMs = 60_000,
): Promise<T> {
  const end = Date.now() + limitMs;
  for (;;) {
    const value = await look();
    if (right(value)) return value;
    if (Date.now() > end) throw new Error(`${what}: after ${limitMs} ms it is still ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

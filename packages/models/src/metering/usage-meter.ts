/** What the bytes of one answer said about its cost, so far. Counts follow `TokenUsage`; `null` = not said. */
export interface UsageReading {
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  readonly cacheReadTokens: number | null;
  readonly cacheWriteTokens: number | null;
  readonly reasoningTokens: number | null;
  /** The protocol's own word (`end_turn`, `tool_calls`, `STOP`, `completed` ...). */
  readonly stopReason: string | null;
  readonly model: string | null;
  /** The answer came to its own end. False for a stream that was cut, cancelled or broken. */
  readonly complete: boolean;
  /** UTF-16 units of generated text and arguments seen: what a cut stream is settled with. */
  readonly outputCharacters: number;
  /** The provider's error type, when the answer is or contains an error. */
  readonly error: string | null;
  /** Usage numbers that cannot be true (negative, fractional, beyond any context) and were left out. */
  readonly implausible: number;
  /** Events or bodies that were not valid JSON. */
  readonly malformed: number;
}

/** Watches an answer's bytes as they pass. It never changes, delays or keeps them, and never throws. */
export interface UsageMeter {
  push(bytes: Uint8Array): void;
  /** The stream is over, properly or not. Idempotent; later pushes are ignored. */
  end(): UsageReading;
  reading(): UsageReading;
  /** `reading().malformed`, without making a reading. */
  malformedEvents(): number;
}

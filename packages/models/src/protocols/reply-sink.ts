/**
 * Where an answer is written, whatever the HTTP framework. `head` comes once and first; `write` resolves when more may be
 * written (back-pressure) and does nothing once the reader has gone; `abort` breaks the connection without a proper end.
 */
export interface ReplySink {
  head(status: number, headers: Readonly<Record<string, string>>): void;
  write(chunk: string): Promise<void>;
  end(): Promise<void>;
  abort(): void;
  /** Aborted when the reader has gone. */
  readonly signal: AbortSignal;
}

import { call, refusal } from '../../api/client.ts';
import { ApiProblem, asProblem, unreachable } from '../../api/problem.ts';
import type { Problem } from '../../api/wire.generated.ts';
import { SseReader } from '../../live/sse-reader.ts';

/** What comes over the stream of a terminal: output, or why it broke off. */
type Piece =
  | { readonly from: number; readonly data: string; readonly ended: string | null; readonly problem?: undefined }
  | { readonly problem: Problem };

export type LineState =
  | { readonly kind: 'connecting' | 'live' | 'reconnecting' }
  | { readonly kind: 'ended'; readonly reason: string }
  | { readonly kind: 'refused'; readonly problem: ApiProblem };

export interface TerminalLineOptions {
  readonly workspaceId: string;
  readonly terminalId: string;
  /** Output in order; each byte once. Resolves when it has been taken in, so that a flood waits. */
  readonly onOutput: (bytes: Uint8Array, missed: boolean) => Promise<void>;
  readonly onState: (state: LineState) => void;
}

const LONGEST_PAUSE_MS = 5_000;
/** Typed at once; the server takes 48 KiB. */
const PIECE_BYTES = 32 * 1024;
/** Refusals after which trying again is of no use. */
const FINAL = [
  'terminal_not_found',
  'scope_missing',
  'token_revoked',
  'token_expired',
  'token_invalid',
  'token_missing',
  'workspace_removed',
];

/**
 * The line between this page and a shell in a box. States: connecting → live ⇄ reconnecting → ended or refused. It goes on after the last byte it
 * has got; keys go one request after the other, so that they arrive in order, and none is sent twice.
 */
export class TerminalLine {
  readonly #options: TerminalLineOptions;
  readonly #closing = new AbortController();
  #position = 0;
  #typed: Uint8Array[] = [];
  #sending = false;

  constructor(options: TerminalLineOptions) {
    this.#options = options;
    void this.#run();
  }

  type(text: string): void {
    this.#typed.push(new TextEncoder().encode(text));
    if (!this.#sending) void this.#send();
  }

  resize(cols: number, rows: number): void {
    const { workspaceId: id, terminalId: terminal } = this.#options;
    // The next change of size says it again.
    call('POST /api/v1/workspaces/{id}/terminals/{terminal}/size', {
      path: { id, terminal },
      body: { cols, rows },
    }).catch(() => undefined);
  }

  close(): void {
    this.#closing.abort();
  }

  async #send(): Promise<void> {
    const { workspaceId: id, terminalId: terminal, onState } = this.#options;
    this.#sending = true;
    try {
      while (this.#typed.length > 0 && !this.#closing.signal.aborted) {
        const all = joined(this.#typed);
        this.#typed = all.length > PIECE_BYTES ? [all.subarray(PIECE_BYTES)] : [];
        await call('POST /api/v1/workspaces/{id}/terminals/{terminal}/input', {
          path: { id, terminal },
          body: { data: base64(all.subarray(0, PIECE_BYTES)) },
        });
      }
    } catch (error) {
      // It may have arrived or not: typing it once more could run a command twice.
      this.#typed = [];
      if (asProblem(error).code !== 'terminal_not_found') onState({ kind: 'reconnecting' });
    } finally {
      this.#sending = false;
    }
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    for (let failures = 0; !signal.aborted; failures += 1) {
      try {
        if (await this.#listen(() => (failures = 0))) return;
      } catch (error) {
        const problem = asProblem(error);
        if (signal.aborted) return;
        if (FINAL.includes(problem.code) || failures > 20) {
          this.#options.onState({ kind: 'refused', problem });
          return;
        }
      }
      this.#options.onState({ kind: 'reconnecting' });
      await pause(Math.min(250 * 2 ** failures, LONGEST_PAUSE_MS), signal);
    }
  }

  /** @returns true when the terminal has ended. @throws ApiProblem */
  async #listen(onLive: () => void): Promise<boolean> {
    const { workspaceId, terminalId, onOutput, onState } = this.#options;
    const address = `/api/v1/workspaces/${workspaceId}/terminals/${terminalId}/stream?from=${this.#position}`;
    const response = await fetch(address, { signal: this.#closing.signal, credentials: 'same-origin' }).catch(() => {
      throw unreachable();
    });
    if (!response.ok || response.body === null) throw await refusal(response);
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    const messages = new SseReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return false;
      for (const { data } of messages.push(value)) {
        const piece = JSON.parse(data) as Piece; // of our own server
        if (piece.problem !== undefined) throw new ApiProblem({ ...piece.problem });
        const bytes = Uint8Array.from(atob(piece.data), (character) => character.charCodeAt(0));
        const missed = piece.from > this.#position;
        this.#position = piece.from + bytes.length;
        onLive();
        onState({ kind: 'live' });
        if (bytes.length > 0 || missed) await onOutput(bytes, missed);
        if (piece.ended !== null) {
          onState({ kind: 'ended', reason: piece.ended });
          return true;
        }
      }
    }
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function base64(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

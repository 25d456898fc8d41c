import type { ModelAccess, TurnEvent } from '@molecule/contracts';
import type { Detection } from './adapter.ts';
import type { BoxLayout } from './box-layout.ts';

/** A process in the box, as the backend gives it to an adapter. Lines are decoded UTF-8 without the line end. */
export interface BoxProcess {
  readonly pid: number;
  /** Ends when stdout ends. An over-long line arrives cut, with `truncated`. */
  readonly lines: AsyncIterable<{ readonly text: string; readonly truncated: boolean }>;
  /** Last part of stderr, bounded. */
  stderrTail(): string;
  /** Resolves when the write was taken; rejects when the process is gone. */
  write(text: string): Promise<void>;
  closeStdin(): void;
  readonly exited: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  /** SIGTERM to the whole group, SIGKILL after the grace; resolves when nothing of it is left. */
  end(graceMs: number): Promise<void>;
}

export interface SpawnPlan {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

export interface SessionContext {
  readonly layout: BoxLayout;
  readonly detection: Detection;
  readonly model: ModelAccess;
  /** Complete environment of the runtime's process, as `environment` made it. */
  readonly env: Readonly<Record<string, string>>;
  /** Names of the MCP servers whose tools may be called without asking. */
  readonly allowedServers: readonly string[];
  /** Starts a process inside the box's sandbox, in its own process group. */
  spawn(plan: SpawnPlan): Promise<BoxProcess>;
  readonly now: () => number;
  /** Keep the process between turns for this long after the last one; 0 = end it after each turn. */
  readonly warmMs: number;
  readonly prewarm: boolean;
  log(message: string, detail?: Readonly<Record<string, unknown>>): void;
}

export interface TurnInput {
  readonly prompt: string;
  /** Session to resume, null = new. */
  readonly sessionId: string | null;
  /** Earlier messages, oldest first, for a session that starts anew; beside a `sessionId` they are used only if the runtime no longer has that session. */
  readonly history: readonly { readonly role: 'user' | 'agent'; readonly text: string }[];
  /** Aborted = cancel: the runtime's own way first, then the process group, within 2 s. */
  readonly signal: AbortSignal;
}

/** One conversation with one runtime. Turns run one after the other. */
export interface AgentSession {
  /**
   * Runs one turn. Yields events in order; the last is always `end`, exactly once, also on crash, timeout and cancel; never throws for what the
   * runtime did. Closing the iterator early cancels the turn.
   */
  runTurn(input: TurnInput): AsyncIterable<TurnEvent>;
  /** The configuration files changed: have the next turn see it without losing the conversation. */
  reload(): Promise<void>;
  /** Ends every process of the session. */
  close(graceMs: number): Promise<void>;
}

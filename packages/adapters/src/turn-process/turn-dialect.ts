import type { FailureCode, TurnEvent } from '@molecule/contracts';
import type { SessionContext, SpawnPlan, TurnInput } from '../contract/index.ts';

/** Reads the lines of one turn. Stateful, made anew for each turn. */
export interface TurnReader {
  /** Events of one line, in order. An `end` among them closes the turn. Lines that say nothing give none. */
  read(line: string): readonly TurnEvent[];
  /** The runtime's session as far as it is known by now. */
  sessionId(): string | null;
  /** What is to be written to stdin after the line that was just read; empty = nothing. Handing it out clears it. */
  outgoing(): string;
  /** What asks the runtime to end the turn in its own way; null = the process can only be ended. */
  cancelText(): string | null;
  /** True once the runtime has said that it does not have the session that it was to go on with. */
  isSessionLost(): boolean;
}

export interface TurnState {
  /** The session is one that the runtime knows: in this process already, or to be taken up by it. */
  readonly isResumed: boolean;
  /** No turn has run in this process yet. */
  readonly isFresh: boolean;
  readonly context: SessionContext;
}

/** How one runtime is driven as a process that takes turns on stdin and answers with lines on stdout. */
export interface TurnDialect {
  /** Command line of a new process; `resume` is the session to go on with. */
  plan(context: SessionContext, resume: string | null): SpawnPlan;
  /** Makes ready what the process will look for, e.g. a link to a login; `resume` is the session that it is to go on with. */
  prepare?(context: SessionContext, resume: string | null): Promise<void>;
  /** True when a process holds one conversation and a different session needs a new process. */
  readonly boundToSession: boolean;
  /** What is written to stdin for a turn, line end included, and the reader of its answer. */
  turn(input: TurnInput, state: TurnState): { readonly text: string; readonly reader: TurnReader };
  /** Written before the next turn after a change of configuration; null = the process is started anew. */
  readonly reloadText: string | null;
  /** Written right after the start when the session is wanted warm; null = nothing to do. */
  readonly warmText: string | null;
  /** Why a process ended without an answer. */
  classifyExit(stderr: string): { readonly code: FailureCode; readonly message: string } | null;
}

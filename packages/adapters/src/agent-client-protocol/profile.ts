import type { FailureCode, TokenUsage } from '@molecule/contracts';
import type { SessionContext } from '../contract/index.ts';
import type { PromptResult, SessionUpdate, ToolCallUpdate } from './messages.ts';

export interface ToolName {
  readonly server: string | null;
  readonly tool: string;
}

/** In what the runtimes that speak the protocol differ. */
export interface AcpProfile {
  /** Method of `authenticate` that must be called before a session; null = none. */
  authMethod(context: SessionContext): string | null;
  /** Server and tool behind a call, told from its title or id. `servers`: names of the MCP servers, longest first. */
  toolName(call: ToolCallUpdate, servers: readonly string[]): ToolName;
  /** What the call was given. */
  toolInput(call: ToolCallUpdate): unknown;
  /** Whether the first line of a call has its input already, or only the one after it. */
  readonly inputComesWith: 'call' | 'update';
  /** True when a completed call's output says that the tool failed: not every runtime has a status for it. */
  isFailedOutput(call: ToolCallUpdate): boolean;
  /** Tokens of this turn told at its end; null = not told there. `total` when the numbers count on over a session's turns. */
  readonly usageIs: 'of_turn' | 'total';
  usage(result: PromptResult): TokenUsage | null;
  /** Tokens of one model call, told on the way. */
  stepUsage(update: SessionUpdate): TokenUsage | null;
  /** The failure behind an error answer to the prompt. */
  failure(message: string, data: unknown): { readonly code: FailureCode; readonly message: string };
  /** The history of a session that is loaded may still be told after the answer to the load; the protocol wants it told before. */
  readonly historyMayComeLate?: boolean;
  /** True for a piece of text by which the runtime says that it asks the model again: what the answer had so far does not count. */
  isRetryNotice?(text: string): boolean;
  /**
   * What it means that a turn ends as answered though the model neither said a word nor made a call; absent = it is an answer. After a call
   * a model may have nothing to add.
   */
  readonly silence?: { readonly code: FailureCode; readonly message: string };
  /** An error that the runtime gives as the last piece of an answer; null = an ordinary answer. */
  failureInText?(lastPiece: string): { readonly code: FailureCode; readonly message: string } | null;
}

/** Tokens as the protocol itself has them. */
export function protocolUsage(result: PromptResult): TokenUsage | null {
  const { usage } = result;
  if (usage == null) return null;
  return {
    inputTokens: usage.inputTokens,
    outputTokens: usage.outputTokens,
    ...(usage.cachedReadTokens == null ? {} : { cachedTokens: usage.cachedReadTokens }),
    ...(usage.thoughtTokens == null ? {} : { reasoningTokens: usage.thoughtTokens }),
  };
}

/** `<tool> (<server> MCP Server)`, as the title of a call. */
export function nameInTitle(title: string): ToolName | null {
  const { tool, server } = /^(?<tool>\S+) \((?<server>.+) MCP Server\)/.exec(title)?.groups ?? {};
  return tool === undefined || server === undefined ? null : { server, tool };
}

/** `<server><separator><tool>`, where server names may hold the separator too. */
export function splitName(name: string, separator: string, servers: readonly string[]): ToolName {
  const server = servers.find((candidate) => name.startsWith(candidate + separator));
  return server === undefined
    ? { server: null, tool: name }
    : { server, tool: name.slice(server.length + separator.length) };
}

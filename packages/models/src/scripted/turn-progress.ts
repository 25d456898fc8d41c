import type { ModelRequest, ToolResult } from '../protocols/model-request.ts';
import type { ToolCall } from '../protocols/reply.ts';
import { type FoundWorkspace, findWorkspaces } from './found-workspace.ts';
import { type FoundTool, findTool, isToolFor } from './tool-lookup.ts';
import { readToolOutcome, type ToolOutcome } from './tool-outcome.ts';

/** What one step of the assistant wants: a tool called now, or (once its results are there) a sentence said. */
export type Step = { readonly kind: 'call'; readonly call: ToolCall } | { readonly kind: 'say'; readonly text: string };

export const LIST_TOOL = ['list_workspaces'] as const;

/**
 * The results since the last prompt, consumed in the order of the actions. Replaying the same prompt against a growing list of
 * results is the assistant's whole memory: it keeps none between requests.
 */
export class TurnProgress {
  readonly request: ModelRequest;
  readonly #left: ToolResult[];
  #workspaces: readonly FoundWorkspace[] | ToolOutcome | null = null;

  constructor(request: ModelRequest) {
    this.request = request;
    this.#left = [...request.results];
  }

  /** The next unused result of a tool for these verbs; null when the call has still to be made. */
  take(verbs: readonly string[]): ToolOutcome | null {
    const at = this.#left.findIndex((result) => verbs.some((verb) => isToolFor(result.name, verb)));
    if (at < 0) return null;
    const [result] = this.#left.splice(at, 1);
    return result === undefined ? null : readToolOutcome(result);
  }

  tool(verbs: readonly string[]): FoundTool | null {
    return findTool(this.request, verbs);
  }

  /**
   * The workspaces by the real list, read once per prompt: the list, a failed outcome, or the call that must come first.
   * Null when this agent cannot list workspaces.
   */
  workspaces(): readonly FoundWorkspace[] | ToolOutcome | { readonly call: ToolCall } | null {
    if (this.#workspaces !== null) return this.#workspaces;
    const outcome = this.take(LIST_TOOL);
    if (outcome === null) {
      const tool = this.tool(LIST_TOOL);
      return tool === null ? null : { call: tool.call({}) };
    }
    this.#workspaces = outcome.ok ? (findWorkspaces(outcome.data) ?? outcome) : outcome;
    return this.#workspaces;
  }
}

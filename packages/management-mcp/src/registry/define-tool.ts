import type { McpMode, Scope } from '@molecule/contracts';
import type { z } from 'zod';
import type { ManagementServices, ToolCall } from './management-services.ts';

/** What a tool tells a client about its effects (MCP tool annotations). */
export interface ToolAnnotations {
  readonly readOnlyHint: boolean;
  readonly destructiveHint?: boolean;
  readonly idempotentHint?: boolean;
  /** Every tool of ours works on the org alone. */
  readonly openWorldHint: false;
}

export interface ToolDefinition<Input extends z.ZodObject = z.ZodObject, Output extends z.ZodObject = z.ZodObject> {
  /** snake_case verb. */
  readonly name: string;
  /** Other names under which the same tool is offered. */
  readonly aliases: readonly string[];
  readonly title: string;
  /** Says when to use the tool; runtimes that defer tools choose by it. */
  readonly description: string;
  readonly modes: readonly McpMode[];
  /** The token must have it besides the mode's own scope; checked again on every call. */
  readonly scope: Scope | null;
  readonly input: Input;
  readonly output: Output;
  readonly annotations: ToolAnnotations;
  readonly handler: (services: ManagementServices, call: ToolCall, input: z.output<Input>) => Promise<z.input<Output>>;
}

/** Ties the types of schema and handler together; the registry itself keeps tools of any schema. */
export function defineTool<Input extends z.ZodObject, Output extends z.ZodObject>(
  tool: Omit<ToolDefinition<Input, Output>, 'aliases'> & { readonly aliases?: readonly string[] },
): ToolDefinition {
  // A tool with its own schemas is used as one with any: the server parses the input with that very schema before the handler sees it.
  return { ...tool, aliases: tool.aliases ?? [] } as unknown as ToolDefinition;
}

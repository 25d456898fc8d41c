import { z } from 'zod';

/** The Agent Client Protocol (version 1) as far as it is used; unknown fields pass. */
export const PROTOCOL_VERSION = 1;

const TextContent = z.object({ type: z.string(), text: z.string().optional() });

export const ToolCallUpdate = z.object({
  sessionUpdate: z.enum(['tool_call', 'tool_call_update']),
  toolCallId: z.string(),
  title: z.string().nullish(),
  status: z.string().nullish(),
  rawInput: z.unknown().optional(),
  rawOutput: z.unknown().optional(),
  content: z.array(z.object({ type: z.string(), content: TextContent.optional() })).nullish(),
  _meta: z.unknown().optional(),
});
export type ToolCallUpdate = z.infer<typeof ToolCallUpdate>;

const ChunkUpdate = z.object({
  sessionUpdate: z.enum(['agent_message_chunk', 'agent_thought_chunk']),
  content: TextContent,
  _meta: z.unknown().optional(),
});

export const UpdateParams = z.object({ sessionId: z.string(), update: z.union([ToolCallUpdate, ChunkUpdate]) });
export type SessionUpdate = z.infer<typeof UpdateParams>['update'];

export const InitializeResult = z.object({
  agentCapabilities: z.object({ loadSession: z.boolean().nullish() }).nullish(),
});
export const SessionResult = z.object({ sessionId: z.string() });
export const PromptResult = z.object({
  stopReason: z.string(),
  usage: z
    .object({
      inputTokens: z.number(),
      outputTokens: z.number(),
      cachedReadTokens: z.number().nullish(),
      thoughtTokens: z.number().nullish(),
    })
    .nullish(),
  _meta: z.unknown().optional(),
});
export type PromptResult = z.infer<typeof PromptResult>;

export const PermissionParams = z.object({
  toolCall: z.object({ toolCallId: z.string(), title: z.string().nullish() }),
  options: z.array(z.object({ optionId: z.string(), kind: z.string() })),
});
export type PermissionParams = z.infer<typeof PermissionParams>;

/** All text of a tool call's content, one piece to a line. */
export function contentText(call: ToolCallUpdate): string {
  return (call.content ?? [])
    .flatMap((part) => (part.content?.text === undefined ? [] : [part.content.text]))
    .join('\n');
}

import { z } from 'zod';

/** The lines of the CLI's stream as far as they are used. Unknown fields and types pass: they change from version to version. */
const Block = z.object({
  type: z.string(),
  id: z.string().optional(),
  name: z.string().optional(),
  input: z.unknown().optional(),
  text: z.string().optional(),
  tool_use_id: z.string().optional(),
  content: z.unknown().optional(),
  is_error: z.boolean().nullish(),
});
export type Block = z.infer<typeof Block>;

const Usage = z.object({
  input_tokens: z.number().nullish(),
  output_tokens: z.number().nullish(),
  cache_read_input_tokens: z.number().nullish(),
  cache_creation_input_tokens: z.number().nullish(),
  output_tokens_details: z.object({ thinking_tokens: z.number().nullish() }).nullish(),
});

const common = { session_id: z.string().optional(), parent_tool_use_id: z.string().nullish() };

export const ClaudeLine = z.discriminatedUnion('type', [
  z.object({ type: z.literal('system'), subtype: z.string(), model: z.string().optional(), ...common }),
  z.object({ type: z.literal('command_lifecycle'), command_uuid: z.string(), state: z.string(), ...common }),
  z.object({
    type: z.literal('stream_event'),
    ...common,
    event: z.object({
      type: z.string(),
      delta: z
        .object({ type: z.string().optional(), text: z.string().optional(), thinking: z.string().optional() })
        .optional(),
    }),
  }),
  z.object({
    type: z.literal('assistant'),
    is_api_error_message: z.boolean().optional(),
    message: z.object({ id: z.string().optional(), content: z.array(Block) }),
    ...common,
  }),
  z.object({
    type: z.literal('user'),
    isReplay: z.boolean().optional(),
    message: z.object({ content: z.union([z.string(), z.array(Block)]) }),
    ...common,
  }),
  z.object({
    type: z.literal('result'),
    subtype: z.string(),
    is_error: z.boolean().optional(),
    result: z.string().optional(),
    errors: z.array(z.string()).optional(),
    usage: Usage.optional(),
    total_cost_usd: z.number().optional(),
    user_message_uuids: z.array(z.string()).optional(),
    permission_denials: z.array(z.object({ tool_name: z.string(), tool_use_id: z.string().optional() })).optional(),
    api_error_status: z.number().nullish(),
    api_error_type: z.string().nullish(),
    terminal_reason: z.string().nullish(),
    stop_reason: z.string().nullish(),
    ...common,
  }),
]);
export type ClaudeLine = z.infer<typeof ClaudeLine>;
export type ResultLine = Extract<ClaudeLine, { type: 'result' }>;

/** Null for a line that is no JSON or of a type that is not used. */
export function parseClaudeLine(text: string): ClaudeLine | null {
  try {
    return ClaudeLine.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

/** The wire protocols the gateway passes through and the scripted model speaks. */
export const PROTOCOL_IDS = ['anthropic', 'openai-responses', 'openai-chat', 'google'] as const;
export type ProtocolId = (typeof PROTOCOL_IDS)[number];

export interface TextPart {
  readonly type: 'text';
  readonly text: string;
}

export interface ToolCallPart {
  readonly type: 'tool_call';
  readonly id: string;
  readonly name: string;
  readonly args: unknown;
}

export interface ToolResultPart {
  readonly type: 'tool_result';
  /** Empty where the protocol has no call ids (older Google requests); then `name` is set. */
  readonly callId: string;
  readonly name: string | null;
  readonly text: string;
  /** `null`: the protocol has no flag, the content has to be judged. */
  readonly isError: boolean | null;
}

export type MessagePart = TextPart | ToolCallPart | ToolResultPart;

export interface ConversationMessage {
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  readonly parts: readonly MessagePart[];
}

export interface OfferedTool {
  readonly name: string;
  /** OpenAI Responses groups MCP tools by server; the call has to name the group again. */
  readonly namespace?: string;
  readonly description: string;
  readonly schema: unknown;
  /** Declared but hidden from the model until a tool search selects it. */
  readonly deferred: boolean;
}

/** One finished tool call since the last user prompt, in order. */
export interface ToolResult {
  /** The name as called; a call wrapped by a dispatcher tool shows the inner name. */
  readonly name: string;
  readonly args: unknown;
  readonly text: string;
  readonly isError: boolean | null;
}

/** A request as every protocol's reader gives it: what was asked, with which tools, and what came back so far. */
export interface ModelRequest {
  readonly protocol: ProtocolId;
  readonly model: string;
  readonly stream: boolean;
  readonly system: string;
  readonly messages: readonly ConversationMessage[];
  readonly tools: readonly OfferedTool[];
  /** Tools known by name only; they must be searched for before they can be called. */
  readonly deferredToolNames: readonly string[];
  /** Text of the last real user prompt, without reminders and environment blocks. */
  readonly prompt: string;
  readonly results: readonly ToolResult[];
  /** The queries of tool searches already answered in this conversation. */
  readonly searches: readonly string[];
  /** JSON schema the answer must fit, or null. */
  readonly outputSchema: unknown;
  /** OpenAI Chat streams carry usage only when asked. Always true elsewhere. */
  readonly usageRequested: boolean;
}

/** What a protocol's reader itself has to find; the rest is derived by `completeRequest`. */
export type WireRequest = Omit<ModelRequest, 'prompt' | 'results' | 'searches' | 'deferredToolNames'>;

import type { ModelRequest } from './model-request.ts';
import type { ReplyPart } from './reply.ts';

/** UTF-16 units counted as one token. No tokenizer agrees with another; this is the usual rule of thumb for English and JSON. */
const CHARACTERS_PER_TOKEN = 4;

/** Tokens assumed for a text of this many UTF-16 units: reserves a budget before a call and settles a cut stream after it. */
export function estimateTokens(characters: number): number {
  return Math.ceil(characters / CHARACTERS_PER_TOKEN);
}

/** Tokens assumed for a whole request: system text, conversation and offered tools; wire framing does not count. */
export function estimateRequestTokens(request: ModelRequest): number {
  let characters = request.system.length;
  for (const message of request.messages) {
    for (const part of message.parts) {
      characters += part.type === 'tool_call' ? part.name.length + jsonLength(part.args) : part.text.length;
    }
  }
  for (const tool of request.tools) characters += tool.name.length + tool.description.length + jsonLength(tool.schema);
  return Math.max(1, estimateTokens(characters));
}

/** UTF-16 units of an answer's parts: text, and arguments as compact JSON. Names of tools do not count. */
export function replyCharacters(parts: readonly ReplyPart[]): number {
  let characters = 0;
  for (const part of parts) characters += part.type === 'text' ? part.text.length : jsonLength(part.call.args);
  return characters;
}

function jsonLength(value: unknown): number {
  return JSON.stringify(value ?? null).length;
}

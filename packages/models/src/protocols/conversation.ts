import { fieldsOf, textOf } from './loose-json.ts';
import type { ConversationMessage, ModelRequest, ToolResult, ToolResultPart, WireRequest } from './model-request.ts';
import { isInterruptionMark, promptTextOf } from './prompt-text.ts';

/** The tools by which runtimes let a model look up deferred tools; both names are in use. */
export function isToolSearch(name: string): boolean {
  return name === 'ToolSearch' || name === 'tool_search';
}

/** The tool by which some runtimes wrap a call of a tool found by search: `{name, arguments}`. */
export function isToolDispatcher(name: string): boolean {
  return name === 'tool_call';
}

interface KnownCall {
  readonly name: string;
  readonly args: unknown;
}

/** Completes a reader's request with what follows from the conversation alone: prompt, results, searches, deferred names. */
export function completeRequest(wire: WireRequest): ModelRequest {
  const turn = readTurn(wire.messages);
  return { ...wire, ...turn, deferredToolNames: deferredNames(wire) };
}

function readTurn(messages: readonly ConversationMessage[]): Pick<ModelRequest, 'prompt' | 'results' | 'searches'> {
  const calls = new Map<string, KnownCall>();
  const searches: string[] = [];
  let prompt = '';
  let results: ToolResult[] = [];
  for (const message of messages) {
    for (const part of message.parts) {
      if (part.type === 'tool_call') calls.set(part.id, unwrapDispatch({ name: part.name, args: part.args }));
    }
    const newPrompt = message.role === 'user' ? promptOf(message) : '';
    if (newPrompt !== '') {
      prompt = newPrompt;
      results = [];
      continue;
    }
    for (const part of message.parts) {
      if (part.type !== 'tool_result') continue;
      const result = resultOf(part, calls);
      if (isToolSearch(result.name)) searches.push(`${textOf(fieldsOf(result.args)['query'])} ${result.text}`);
      else results.push(result);
    }
  }
  return { prompt, results, searches };
}

/** A user message with tool results carries a new prompt only after an interruption; otherwise its texts are the CLI's own. */
function promptOf(message: ConversationMessage): string {
  const texts = message.parts.flatMap((part) => (part.type === 'text' ? [part.text] : []));
  if (message.parts.some((part) => part.type === 'tool_result')) {
    const mark = texts.findIndex(isInterruptionMark);
    if (mark < 0) return '';
    return newestPrompt(texts.slice(mark + 1));
  }
  return newestPrompt(texts);
}

/** The newest prompt of a message. Clients merge a prompt that was never answered with the next one into one message; only the last is meant now. */
function newestPrompt(texts: readonly string[]): string {
  return texts.map(promptTextOf).findLast((text) => text !== '') ?? '';
}

function resultOf(part: ToolResultPart, calls: ReadonlyMap<string, KnownCall>): ToolResult {
  const call = calls.get(part.callId) ?? unwrapDispatch({ name: part.name ?? '', args: undefined });
  return { name: call.name, args: call.args, text: part.text, isError: part.isError };
}

function unwrapDispatch(call: KnownCall): KnownCall {
  const inner = fieldsOf(call.args);
  if (!isToolDispatcher(call.name) || typeof inner['name'] !== 'string') return call;
  return { name: inner['name'], args: inner['arguments'] };
}

/** Names of MCP tools that stand somewhere in the request's text without being offered, plus declared tools marked as deferred. */
function deferredNames(wire: WireRequest): string[] {
  const offered = new Set(wire.tools.filter((tool) => !tool.deferred).map((tool) => tool.name));
  const names = new Set(wire.tools.filter((tool) => tool.deferred).map((tool) => tool.name));
  if (wire.tools.some((tool) => isToolSearch(tool.name))) {
    const texts = [wire.system, ...wire.tools.map((tool) => tool.description)];
    for (const message of wire.messages) {
      for (const part of message.parts) if (part.type !== 'tool_call') texts.push(part.text);
    }
    for (const text of texts) {
      for (const match of text.matchAll(/\bmcp_{1,2}[A-Za-z0-9][A-Za-z0-9_-]*[A-Za-z0-9]/g)) names.add(match[0]);
    }
  }
  return [...names].filter((name) => !offered.has(name));
}

import { isToolDispatcher, isToolSearch } from '../protocols/conversation.ts';
import { fieldsOf, textOf } from '../protocols/loose-json.ts';
import type { ModelRequest, OfferedTool } from '../protocols/model-request.ts';
import type { ToolCall } from '../protocols/reply.ts';

/** A tool found for one of our verbs, and how this runtime lets it be called. */
export interface FoundTool {
  readonly name: string;
  readonly schema: unknown;
  /** Makes the call, or first the search that makes the call possible. */
  call(args: Readonly<Record<string, unknown>>): ToolCall;
}

/** True when a tool's full name ends in the verb: `mcp__molecule-platform__X`, `molecule-platform-X`, `X`; never `deprovision` for `provision`. */
export function isToolFor(fullName: string, verb: string): boolean {
  if (!fullName.endsWith(verb)) return false;
  const before = fullName.at(-verb.length - 1);
  return before === undefined || fullName.length === verb.length || !/[A-Za-z0-9]/.test(before);
}

/** The first verb that is offered, or that is known by name and can be searched for; null when this agent has no such tool. */
export function findTool(request: ModelRequest, verbs: readonly string[]): FoundTool | null {
  for (const verb of verbs) {
    const offered = bestOf(request.tools.filter((tool) => !tool.deferred && isToolFor(tool.name, verb)));
    if (offered !== null) return { name: offered.name, schema: offered.schema, call: (args) => callOf(offered, args) };
  }
  for (const verb of verbs) {
    const name = request.deferredToolNames.find((candidate) => isToolFor(candidate, verb));
    if (name === undefined) continue;
    const schema = request.tools.find((tool) => tool.name === name)?.schema ?? null;
    return { name, schema, call: (args) => deferredCall(request, name, args) };
  }
  return null;
}

/** Among several servers' tools of the same name, our own. */
function bestOf(tools: readonly OfferedTool[]): OfferedTool | null {
  return tools.find((tool) => `${tool.namespace ?? ''}${tool.name}`.includes('molecule')) ?? tools[0] ?? null;
}

function callOf(tool: OfferedTool, args: unknown): ToolCall {
  return { name: tool.name, args, ...(tool.namespace === undefined ? {} : { namespace: tool.namespace }) };
}

function deferredCall(request: ModelRequest, name: string, args: unknown): ToolCall {
  const search = request.tools.find((tool) => isToolSearch(tool.name));
  if (search !== undefined && !request.searches.some((text) => text.includes(name))) {
    return callOf(search, { query: `select:${name}`, max_results: 5 });
  }
  const dispatcher = request.tools.find((tool) => isToolDispatcher(tool.name));
  return dispatcher === undefined ? { name, args } : callOf(dispatcher, { name, arguments: args });
}

/**
 * The name of the first candidate argument the tool takes; null when its schema has none of them. Without a schema (a tool known
 * by search only) the search's text decides, and else the first candidate.
 */
export function argumentName(request: ModelRequest, tool: FoundTool, candidates: readonly string[]): string | null {
  const properties = fieldsOf(fieldsOf(tool.schema)['properties']);
  if (Object.keys(properties).length > 0) return candidates.find((name) => Object.hasOwn(properties, name)) ?? null;
  const found = request.searches.join('\n');
  if (found.includes('properties')) return candidates.find((name) => new RegExp(`["']${name}["']`).test(found)) ?? null;
  return candidates[0] ?? null;
}

/** The declared description of an argument, or an empty string. */
export function argumentDescription(tool: FoundTool, name: string): string {
  return textOf(fieldsOf(fieldsOf(fieldsOf(tool.schema)['properties'])[name])['description']);
}

/** The values a schema allows for an argument; empty when any. */
export function argumentChoices(tool: FoundTool, name: string): readonly string[] {
  const choices = fieldsOf(fieldsOf(fieldsOf(tool.schema)['properties'])[name])['enum'];
  return Array.isArray(choices) ? choices.filter((choice: unknown) => typeof choice === 'string') : [];
}

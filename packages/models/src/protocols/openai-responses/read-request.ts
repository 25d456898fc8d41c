import { completeRequest } from '../conversation.ts';
import { fieldsOf, itemsOf, parseJson, textOf } from '../loose-json.ts';
import type { ConversationMessage, ModelRequest, OfferedTool } from '../model-request.ts';

/** Reads a Responses request: `input` as a string or as items, tools flat or grouped in namespaces. */
export function readOpenAiResponsesRequest(body: unknown): ModelRequest {
  const root = fieldsOf(body);
  const input = root['input'];
  const messages: ConversationMessage[] =
    typeof input === 'string'
      ? [{ role: 'user', parts: [{ type: 'text', text: input }] }]
      : itemsOf(input).flatMap(readItem);
  const system = [
    textOf(root['instructions']),
    ...messages.flatMap((message) =>
      message.role === 'system' ? message.parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])) : [],
    ),
  ];
  return completeRequest({
    protocol: 'openai-responses',
    model: textOf(root['model']),
    stream: root['stream'] === true,
    system: system.filter((text) => text !== '').join('\n'),
    messages: messages.filter((message) => message.role !== 'system'),
    tools: itemsOf(root['tools']).flatMap(readTools),
    outputSchema: fieldsOf(fieldsOf(root['text'])['format'])['schema'] ?? null,
    usageRequested: true,
  });
}

function readItem(value: unknown): ConversationMessage[] {
  const item = fieldsOf(value);
  const type = textOf(item['type'], 'message');
  if (type === 'message') return [readMessage(item)];
  if (type.endsWith('_call_output')) {
    return [
      {
        role: 'tool',
        parts: [
          {
            type: 'tool_result',
            callId: textOf(item['call_id']),
            name: null,
            text: outputText(item['output']),
            isError: fieldsOf(item['output'])['success'] === false ? true : null,
          },
        ],
      },
    ];
  }
  if (type.endsWith('_call') && typeof item['call_id'] === 'string') {
    const args =
      typeof item['arguments'] === 'string'
        ? parseJson(item['arguments'])
        : (item['arguments'] ?? item['input'] ?? item['action']);
    return [
      {
        role: 'assistant',
        parts: [{ type: 'tool_call', id: item['call_id'], name: textOf(item['name'], type), args }],
      },
    ];
  }
  // Reasoning, compaction and other items carry nothing the conversation needs.
  return [];
}

function readMessage(item: Record<string, unknown>): ConversationMessage {
  const role =
    item['role'] === 'system' || item['role'] === 'developer'
      ? 'system'
      : item['role'] === 'assistant'
        ? 'assistant'
        : 'user';
  const texts =
    typeof item['content'] === 'string'
      ? [item['content']]
      : itemsOf(item['content']).map((part) => textOf(fieldsOf(part)['text']));
  return { role, parts: texts.filter((text) => text !== '').map((text) => ({ type: 'text', text })) };
}

/** A tool's output: text, content items, or the older `{content, success}`. */
function outputText(output: unknown): string {
  if (typeof output === 'string') return output;
  if (Array.isArray(output))
    return output
      .map((part: unknown) => textOf(fieldsOf(part)['text']))
      .filter((text) => text !== '')
      .join('\n');
  const content = fieldsOf(output)['content'];
  return content === undefined ? JSON.stringify(output ?? '') : outputText(content);
}

function readTools(value: unknown): OfferedTool[] {
  const tool = fieldsOf(value);
  if (Array.isArray(tool['tools'])) {
    const namespace = textOf(tool['name']);
    return tool['tools'].map((inner: unknown) => ({ ...readTool(fieldsOf(inner)), namespace }));
  }
  return [readTool(tool)];
}

function readTool(tool: Record<string, unknown>): OfferedTool {
  return {
    name: textOf(tool['name']) || textOf(tool['type']),
    description: textOf(tool['description']),
    schema: tool['parameters'] ?? null,
    deferred: tool['defer_loading'] === true,
  };
}

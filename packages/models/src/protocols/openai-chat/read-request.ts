import { completeRequest } from '../conversation.ts';
import { fieldsOf, itemsOf, parseJson, textOf } from '../loose-json.ts';
import type { ConversationMessage, MessagePart, ModelRequest, OfferedTool } from '../model-request.ts';

/** Reads a Chat Completions request. `developer` messages count as system text, unknown content parts are skipped. */
export function readOpenAiChatRequest(body: unknown): ModelRequest {
  const root = fieldsOf(body);
  const messages = itemsOf(root['messages']).map(readMessage);
  return completeRequest({
    protocol: 'openai-chat',
    model: textOf(root['model']),
    stream: root['stream'] === true,
    system: messages
      .flatMap((message) =>
        message.role === 'system' ? message.parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])) : [],
      )
      .join('\n'),
    messages: messages.filter((message) => message.role !== 'system'),
    tools: itemsOf(root['tools']).map(readTool),
    outputSchema: fieldsOf(fieldsOf(root['response_format'])['json_schema'])['schema'] ?? null,
    usageRequested: root['stream'] !== true || fieldsOf(root['stream_options'])['include_usage'] === true,
  });
}

function readMessage(value: unknown): ConversationMessage {
  const message = fieldsOf(value);
  const text = contentText(message['content']);
  if (message['role'] === 'tool' || message['role'] === 'function') {
    const name = textOf(message['name']);
    return {
      role: 'tool',
      parts: [
        {
          type: 'tool_result',
          callId: textOf(message['tool_call_id']),
          name: name === '' ? null : name,
          text,
          isError: null,
        },
      ],
    };
  }
  const role =
    message['role'] === 'system' || message['role'] === 'developer'
      ? 'system'
      : message['role'] === 'assistant'
        ? 'assistant'
        : 'user';
  const texts: MessagePart[] = Array.isArray(message['content'])
    ? contentTexts(message['content']).map((part) => ({ type: 'text', text: part }))
    : text === ''
      ? []
      : [{ type: 'text', text }];
  return { role, parts: [...texts, ...itemsOf(message['tool_calls']).map(readCall)] };
}

function contentText(content: unknown): string {
  return typeof content === 'string' ? content : contentTexts(content).join('\n');
}

function contentTexts(content: unknown): string[] {
  return itemsOf(content)
    .map((part) => (typeof part === 'string' ? part : textOf(fieldsOf(part)['text'])))
    .filter((text) => text !== '');
}

function readCall(value: unknown): MessagePart {
  const call = fieldsOf(value);
  const target = fieldsOf(call['function']);
  return {
    type: 'tool_call',
    id: textOf(call['id']),
    name: textOf(target['name']),
    args: parseJson(textOf(target['arguments'])),
  };
}

function readTool(value: unknown): OfferedTool {
  const tool = fieldsOf(value);
  const target = fieldsOf(tool['function']);
  return {
    name: textOf(target['name']) || textOf(tool['name']),
    description: textOf(target['description']),
    schema: target['parameters'] ?? null,
    deferred: false,
  };
}

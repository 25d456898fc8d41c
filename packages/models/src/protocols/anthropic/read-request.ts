import { completeRequest } from '../conversation.ts';
import { fieldsOf, itemsOf, textOf } from '../loose-json.ts';
import type { ConversationMessage, MessagePart, ModelRequest, OfferedTool } from '../model-request.ts';

/** Reads a Messages request. Leniently: content as string or blocks, unknown blocks skipped, `system` messages anywhere. */
export function readAnthropicRequest(body: unknown): ModelRequest {
  const root = fieldsOf(body);
  const messages = itemsOf(root['messages']).map(readMessage);
  const system = [
    blockText(root['system']),
    ...messages.flatMap((message) => (message.role === 'system' ? partTexts(message) : [])),
  ];
  return completeRequest({
    protocol: 'anthropic',
    model: textOf(root['model']),
    stream: root['stream'] === true,
    system: system.filter((text) => text !== '').join('\n'),
    messages: messages.filter((message) => message.role !== 'system'),
    tools: itemsOf(root['tools']).map(readTool),
    outputSchema:
      fieldsOf(fieldsOf(root['output_config'])['format'])['schema'] ??
      fieldsOf(root['output_format'])['schema'] ??
      null,
    usageRequested: true,
  });
}

function readMessage(value: unknown): ConversationMessage {
  const message = fieldsOf(value);
  const role = message['role'];
  const content = message['content'];
  const parts =
    typeof content === 'string' ? [{ type: 'text', text: content } as const] : itemsOf(content).flatMap(readBlock);
  return { role: role === 'assistant' || role === 'system' ? role : 'user', parts };
}

function readBlock(value: unknown): MessagePart[] {
  const block = fieldsOf(value);
  switch (block['type']) {
    case 'text':
      return [{ type: 'text', text: textOf(block['text']) }];
    case 'tool_use':
      return [{ type: 'tool_call', id: textOf(block['id']), name: textOf(block['name']), args: block['input'] }];
    case 'tool_result':
      return [
        {
          type: 'tool_result',
          callId: textOf(block['tool_use_id']),
          name: null,
          text: blockText(block['content']),
          isError: typeof block['is_error'] === 'boolean' ? block['is_error'] : null,
        },
      ];
    default:
      return [];
  }
}

/** Text of a string or of blocks; a reference to a found tool counts as its name. */
function blockText(content: unknown): string {
  if (typeof content === 'string') return content;
  return itemsOf(content)
    .map((value) => {
      const block = fieldsOf(value);
      return textOf(block['text']) || textOf(block['tool_name']);
    })
    .filter((text) => text !== '')
    .join('\n');
}

function partTexts(message: ConversationMessage): string[] {
  return message.parts.flatMap((part) => (part.type === 'text' ? [part.text] : []));
}

function readTool(value: unknown): OfferedTool {
  const tool = fieldsOf(value);
  return {
    name: textOf(tool['name']),
    description: textOf(tool['description']),
    schema: tool['input_schema'] ?? null,
    deferred: tool['defer_loading'] === true,
  };
}

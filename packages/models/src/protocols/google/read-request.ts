import { completeRequest } from '../conversation.ts';
import { fieldsOf, itemsOf, textOf } from '../loose-json.ts';
import type { ConversationMessage, MessagePart, ModelRequest, OfferedTool } from '../model-request.ts';

/** Reads a generateContent request; the model and the choice of streaming stand in the path. `countTokens` may wrap the request. */
export function readGoogleRequest(body: unknown, path: string): ModelRequest {
  const outer = fieldsOf(body);
  const root = outer['generateContentRequest'] === undefined ? outer : fieldsOf(outer['generateContentRequest']);
  const config = fieldsOf(root['generationConfig']);
  const target = /\/models\/([^/?]+):([A-Za-z]+)/.exec(path);
  return completeRequest({
    protocol: 'google',
    model: decodeURIComponent(target?.[1] ?? '') || textOf(root['model']).replace(/^models\//, ''),
    stream: target?.[2] === 'streamGenerateContent',
    system: partTexts(fieldsOf(root['systemInstruction'] ?? root['system_instruction'])['parts']).join('\n'),
    messages: readContents(itemsOf(root['contents'])),
    tools: itemsOf(root['tools'])
      .flatMap((tool) => itemsOf(fieldsOf(tool)['functionDeclarations'] ?? fieldsOf(tool)['function_declarations']))
      .map(readTool),
    outputSchema: config['responseJsonSchema'] ?? config['responseSchema'] ?? null,
    usageRequested: true,
  });
}

/** Calls without ids are paired with the results of the same name in order. */
function readContents(contents: readonly unknown[]): ConversationMessage[] {
  const open = new Map<string, string[]>();
  let calls = 0;
  const readPart = (value: unknown): MessagePart[] => {
    const part = fieldsOf(value);
    if (part['functionCall'] !== undefined) {
      const call = fieldsOf(part['functionCall']);
      const name = textOf(call['name']);
      const id = textOf(call['id']) || `call-${calls}`;
      calls += 1;
      open.set(name, [...(open.get(name) ?? []), id]);
      return [{ type: 'tool_call', id, name, args: call['args'] }];
    }
    if (part['functionResponse'] !== undefined) {
      const result = fieldsOf(part['functionResponse']);
      const name = textOf(result['name']);
      const callId = textOf(result['id']) || open.get(name)?.shift() || '';
      return [{ type: 'tool_result', callId, name, ...readResponse(result['response']) }];
    }
    const text = part['thought'] === true ? '' : textOf(part['text']);
    return text === '' ? [] : [{ type: 'text', text }];
  };
  return contents.map((value) => {
    const content = fieldsOf(value);
    return {
      role: content['role'] === 'model' ? 'assistant' : 'user',
      parts: itemsOf(content['parts']).flatMap(readPart),
    };
  });
}

function readResponse(response: unknown): { text: string; isError: boolean | null } {
  const fields = fieldsOf(response);
  const error = fields['error'];
  if (error !== undefined) return { text: typeof error === 'string' ? error : JSON.stringify(error), isError: true };
  const output = fields['output'] ?? fields['result'] ?? response;
  return { text: typeof output === 'string' ? output : JSON.stringify(output ?? ''), isError: null };
}

function partTexts(parts: unknown): string[] {
  return itemsOf(parts)
    .map((part) => textOf(fieldsOf(part)['text']))
    .filter((text) => text !== '');
}

function readTool(value: unknown): OfferedTool {
  const tool = fieldsOf(value);
  return {
    name: textOf(tool['name']),
    description: textOf(tool['description']),
    schema: tool['parametersJsonSchema'] ?? tool['parameters'] ?? null,
    deferred: false,
  };
}

import type { ProtocolId } from '../src/index.ts';

export interface AnswerContents {
  text: string;
  calls: { name: string; args: unknown }[];
  stop: string | null;
}

/** What a client of each protocol understands of a streamed answer: written against the protocols, not against our encoders. */
export function readStreamedAnswer(protocol: ProtocolId, wire: string): AnswerContents {
  const found: AnswerContents = { text: '', calls: [], stop: null };
  const args: string[] = [];
  for (const block of wire.split('\n\n').filter((part) => part !== '')) {
    const data =
      block
        .split('\n')
        .find((line) => line.startsWith('data: '))
        ?.slice(6) ?? '';
    if (data === '[DONE]') continue;
    const event: unknown = JSON.parse(data);
    readers[protocol](event, found, args);
  }
  for (const [index, json] of args.entries()) {
    const call = found.calls[index];
    if (call !== undefined) call.args = JSON.parse(json);
  }
  return found;
}

// Wire JSON in tests: each reader's cast names the fields that its protocol defines.
type Wire = unknown;

const readers: Readonly<Record<ProtocolId, (event: Wire, found: AnswerContents, args: string[]) => void>> = {
  anthropic: (event, found, args) => {
    const {
      type,
      content_block: block,
      delta,
    } = event as {
      type: string;
      content_block?: { type: string; name: string };
      delta?: { type?: string; text: string; partial_json: string; stop_reason: string };
    };
    if (type === 'content_block_start' && block?.type === 'tool_use') {
      found.calls.push({ name: block.name, args: null });
      args.push('');
    }
    if (type === 'content_block_delta' && delta?.type === 'text_delta') found.text += delta.text;
    if (type === 'content_block_delta' && delta?.type === 'input_json_delta')
      args[args.length - 1] += delta.partial_json;
    if (type === 'message_delta' && delta !== undefined) found.stop = delta.stop_reason;
  },
  'openai-responses': (event, found) => {
    const { type, delta, item, response } = event as {
      type: string;
      delta: string;
      item?: { type: string; name: string; arguments: string; namespace?: string };
      response?: { status: string };
    };
    if (type === 'response.output_text.delta') found.text += delta;
    if (type === 'response.output_item.done' && item?.type === 'function_call')
      found.calls.push({ name: `${item.namespace ?? ''}/${item.name}`, args: JSON.parse(item.arguments) });
    if (type === 'response.completed') found.stop = response?.status ?? null;
  },
  'openai-chat': (event, found, args) => {
    const { choices } = event as {
      choices: {
        delta: { content?: string; tool_calls?: { index: number; function: { name?: string; arguments: string } }[] };
        finish_reason: string | null;
      }[];
    };
    for (const choice of choices) {
      found.text += choice.delta.content ?? '';
      for (const call of choice.delta.tool_calls ?? []) {
        if (call.function.name !== undefined) found.calls[call.index] = { name: call.function.name, args: null };
        args[call.index] = (args[call.index] ?? '') + call.function.arguments;
      }
      found.stop = choice.finish_reason ?? found.stop;
    }
  },
  google: (event, found) => {
    const { candidates } = event as {
      candidates: {
        content: { parts: { text?: string; functionCall?: { name: string; args: unknown } }[] };
        finishReason?: string;
      }[];
    };
    for (const candidate of candidates) {
      for (const part of candidate.content.parts) {
        found.text += part.text ?? '';
        if (part.functionCall !== undefined) found.calls.push(part.functionCall);
      }
      found.stop = candidate.finishReason ?? found.stop;
    }
  },
};

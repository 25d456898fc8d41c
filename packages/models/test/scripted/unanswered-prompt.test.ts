import { expect, test } from 'vitest';
import { createScriptedModel } from '../../src/index.ts';
import { readStreamedAnswer } from '../answer-contents.ts';
import { collectingSink } from '../collecting-sink.ts';

// Seen on the canvas: after a turn that had crashed, the next one made a workspace named after both prompts.
test('a prompt that was never answered does not become part of the next one', async () => {
  const sink = collectingSink();
  const texts = ['create a workspace called first', 'create a workspace called second'];
  await createScriptedModel().handle(
    {
      method: 'POST',
      path: '/v1/messages',
      headers: {},
      body: JSON.stringify({
        model: 'scripted',
        stream: true,
        max_tokens: 100,
        messages: [{ role: 'user', content: texts.map((text) => ({ type: 'text', text })) }],
        tools: [
          {
            name: 'mcp__molecule-platform__provision_workspace',
            input_schema: { type: 'object', properties: { name: { type: 'string' } } },
          },
        ],
      }),
    },
    sink,
  );
  const answer = readStreamedAnswer('anthropic', sink.chunks.join(''));
  expect(answer.calls).toEqual([{ name: 'mcp__molecule-platform__provision_workspace', args: { name: 'second' } }]);
});

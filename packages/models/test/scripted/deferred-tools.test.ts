import { describe, expect, test } from 'vitest';
import { codecOf } from '../../src/index.ts';
import { assistantReply } from '../../src/scripted/assistant.ts';

const NAME = 'mcp__molecule-platform__provision_workspace';

function claude(messages: readonly object[], tools: readonly object[] = []) {
  const body = {
    model: 'm',
    tools: [{ name: 'ToolSearch', description: 'finds tools', input_schema: {} }, ...tools],
    messages: [
      {
        role: 'user',
        content: [
          {
            type: 'text',
            text: `<system-reminder>Deferred tools:\nmcp__molecule-platform__deprovision_workspace\n${NAME}\n</system-reminder>`,
          },
          { type: 'text', text: 'create a workspace called x' },
        ],
      },
      ...messages,
    ],
  };
  return assistantReply(codecOf('anthropic').readRequest(body, '/v1/messages'));
}

const searched = [
  {
    role: 'assistant',
    content: [{ type: 'tool_use', id: 's', name: 'ToolSearch', input: { query: `select:${NAME}` } }],
  },
  {
    role: 'user',
    content: [
      { type: 'tool_result', tool_use_id: 's', content: [{ type: 'tool_reference', tool_name: NAME }] },
      { type: 'text', text: 'Tool loaded.' },
    ],
  },
];

describe('deferred tools', () => {
  test('Claude Code: search, then call the declared tool', () => {
    expect(claude([])).toEqual([
      { type: 'tool_call', call: { name: 'ToolSearch', args: { query: `select:${NAME}`, max_results: 5 } } },
    ]);
    expect(claude(searched, [{ name: NAME, input_schema: {} }])).toEqual([
      { type: 'tool_call', call: { name: NAME, args: { name: 'x' } } },
    ]);
  });

  test('a tool that stays undeclared after the search is called by its name', () => {
    expect(claude(searched, [{ name: NAME, input_schema: {}, defer_loading: true }])).toEqual([
      { type: 'tool_call', call: { name: NAME, args: { name: 'x' } } },
    ]);
  });

  test('Qwen Code: search, then a wrapped call, then the answer', () => {
    const qwen = (messages: readonly object[]) =>
      assistantReply(
        codecOf('openai-chat').readRequest(
          {
            model: 'm',
            tools: ['tool_search', 'tool_call'].map((name) => ({
              type: 'function',
              function: { name, description: '', parameters: {} },
            })),
            messages: [
              { role: 'system', content: `Tools: ${NAME}, mcp__a__b` },
              { role: 'user', content: 'create a workspace called x' },
              ...messages,
            ],
          },
          '/v1/chat/completions',
        ),
      );
    const search = [
      {
        role: 'assistant',
        tool_calls: [{ id: 's', function: { name: 'tool_search', arguments: `{"query":"select:${NAME}"}` } }],
      },
      {
        role: 'tool',
        tool_call_id: 's',
        content: `<function>{"name":"${NAME}","parameters":{"properties":{"name":{}}}}</function>`,
      },
    ];
    const called = [
      {
        role: 'assistant',
        tool_calls: [
          {
            id: 'c',
            function: { name: 'tool_call', arguments: JSON.stringify({ name: NAME, arguments: { name: 'x' } }) },
          },
        ],
      },
      { role: 'tool', tool_call_id: 'c', content: '{"id":"ws_7","name":"x","status":"booting"}' },
    ];
    expect(qwen([])).toEqual([
      { type: 'tool_call', call: { name: 'tool_search', args: { query: `select:${NAME}`, max_results: 5 } } },
    ]);
    expect(qwen(search)).toEqual([
      { type: 'tool_call', call: { name: 'tool_call', args: { name: NAME, arguments: { name: 'x' } } } },
    ]);
    expect(
      qwen([...search, ...called])
        .map((part) => (part.type === 'text' ? part.text : ''))
        .join(''),
    ).toContain('(ws_7)');
  });
});

import { describe, expect, test } from 'vitest';
import { codecOf, estimateRequestTokens, modelRouteOf, PROTOCOL_IDS } from '../../src/index.ts';
import { withStreamUsage } from '../../src/protocols/openai-chat/request-usage.ts';
import { REQUESTS } from '../conversation-bodies.ts';

const SCHEMA = { type: 'object', properties: { name: { type: 'string' } } };

describe.each(PROTOCOL_IDS)('reading a %s request', (protocol) => {
  const done = [
    { tool: 'a_tool', args: { name: 'x' }, result: 'result one' },
    { tool: 'b_tool', args: {}, result: 'result two' },
  ];

  test('system, prompt, tools with schema, results with content, model and stream', () => {
    const { path, body } = REQUESTS[protocol]({
      prompt: 'do it',
      done,
      tools: ['a_tool', 'b_tool'],
      schema: SCHEMA,
      system: 'Be kind.',
    });
    const request = codecOf(protocol).readRequest(body, path);
    expect(request).toMatchObject({
      protocol,
      model: 'scripted',
      stream: true,
      prompt: 'do it',
      outputSchema: null,
      deferredToolNames: [],
    });
    expect(request.system).toContain('Be kind.');
    expect(request.tools.filter((tool) => tool.name !== 'web_search')).toMatchObject([
      { name: 'a_tool', description: 'does a_tool', schema: SCHEMA },
      { name: 'b_tool' },
    ]);
    expect(request.results.map((result) => [result.name, result.args])).toEqual([
      ['a_tool', { name: 'x' }],
      ['b_tool', {}],
    ]);
    expect(request.results[0]?.text).toContain('result one');
    expect(estimateRequestTokens(request)).toBeGreaterThan(10);
  });

  test('no stream when not asked', () => {
    const { path, body } = REQUESTS[protocol]({ prompt: 'do it', stream: false });
    expect(codecOf(protocol).readRequest(body, path).stream).toBe(false);
  });

  test.each([
    null,
    'text',
    [],
    5,
    {},
    { messages: 'x', input: 5, contents: {}, tools: 'y' },
    {
      messages: [null, 1, { role: 'user', content: [null, { type: 'image' }, { type: 'text' }] }],
      contents: [null, { parts: [null] }],
      input: [null, {}],
      tools: [null, {}],
    },
  ])('never fails on the odd body %j', (body) => {
    expect(codecOf(protocol).readRequest(body, '/v1/x')).toMatchObject({ protocol, prompt: '', results: [] });
  });
});

describe('dialects', () => {
  test('Claude Code: system messages in the middle, parallel calls, interruption, content as string', () => {
    const request = codecOf('anthropic').readRequest(
      {
        model: 'm',
        system: 'One.',
        messages: [
          { role: 'user', content: 'first' },
          {
            role: 'assistant',
            content: [
              { type: 'redacted_thinking', data: 'x' },
              { type: 'tool_use', id: 'a', name: 'A', input: {} },
              { type: 'tool_use', id: 'b', name: 'B', input: {} },
            ],
          },
          {
            role: 'user',
            content: [
              { type: 'tool_result', tool_use_id: 'b', content: 'rb', is_error: true },
              { type: 'tool_result', tool_use_id: 'a', content: [{ type: 'text', text: 'ra' }, { type: 'image' }] },
            ],
          },
          { role: 'system', content: [{ type: 'text', text: 'Two.', cache_control: {} }] },
        ],
      },
      '',
    );
    expect(request.system).toBe('One.\nTwo.');
    expect(request.results).toEqual([
      { name: 'B', args: {}, text: 'rb', isError: true },
      { name: 'A', args: {}, text: 'ra', isError: null },
    ]);
    const interrupted = codecOf('anthropic').readRequest(
      {
        messages: [
          { role: 'user', content: 'first' },
          { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'A', input: {} }] },
          {
            role: 'user',
            content: [
              { type: 'tool_result', tool_use_id: 'a', content: 'stopped' },
              { type: 'text', text: '[Request interrupted by user]' },
              { type: 'text', text: 'second' },
            ],
          },
        ],
      },
      '',
    );
    expect(interrupted).toMatchObject({ prompt: 'second', results: [] });
  });

  test('structured output in each protocol', () => {
    expect(
      codecOf('anthropic').readRequest({ output_config: { format: { type: 'json_schema', schema: SCHEMA } } }, '')
        .outputSchema,
    ).toEqual(SCHEMA);
    expect(
      codecOf('openai-responses').readRequest(
        { input: 'hi', text: { format: { type: 'json_schema', schema: SCHEMA } } },
        '',
      ),
    ).toMatchObject({ outputSchema: SCHEMA, prompt: 'hi' });
    expect(
      codecOf('openai-chat').readRequest(
        { response_format: { type: 'json_schema', json_schema: { schema: SCHEMA } } },
        '',
      ).outputSchema,
    ).toEqual(SCHEMA);
    expect(
      codecOf('google').readRequest(
        { generationConfig: { responseSchema: SCHEMA } },
        '/v1beta/models/gemini-x:generateContent',
      ),
    ).toMatchObject({ outputSchema: SCHEMA, model: 'gemini-x' });
  });

  test('Cline and Copilot wrappers are taken off the prompt', () => {
    const prompt = (content: string) =>
      codecOf('openai-chat').readRequest({ messages: [{ role: 'user', content }] }, '').prompt;
    expect(prompt('<task>\ndo it\n</task>\n<environment_details>\n# Files\n</environment_details>')).toBe('do it');
    expect(prompt('<user_input mode="act">do it</user_input>')).toBe('do it');
    expect(prompt('compare <a> and <b>')).toBe('compare <a> and <b>');
  });

  test('Google pairs results without ids by name and order', () => {
    const request = codecOf('google').readRequest(
      {
        contents: [
          { role: 'user', parts: [{ text: 'go' }] },
          {
            role: 'model',
            parts: [{ functionCall: { name: 't', args: { n: 1 } } }, { functionCall: { name: 't', args: { n: 2 } } }],
          },
          {
            role: 'user',
            parts: [
              { functionResponse: { name: 't', response: { output: 'one' } } },
              { functionResponse: { name: 't', response: { error: 'two' } } },
            ],
          },
        ],
      },
      '',
    );
    expect(request.results).toEqual([
      { name: 't', args: { n: 1 }, text: 'one', isError: null },
      { name: 't', args: { n: 2 }, text: 'two', isError: true },
    ]);
  });

  test('paths decide the protocol whatever stands before them', () => {
    expect(modelRouteOf('POST', '/llm/anthropic/v1/messages?beta=true')).toEqual({
      protocol: 'anthropic',
      operation: 'generate',
    });
    expect(modelRouteOf('POST', '/v1/messages/count_tokens')).toEqual({
      protocol: 'anthropic',
      operation: 'count_tokens',
    });
    expect(modelRouteOf('POST', '/llm/openai/v1/responses')).toEqual({
      protocol: 'openai-responses',
      operation: 'generate',
    });
    expect(modelRouteOf('POST', '/v1/chat/completions')).toEqual({ protocol: 'openai-chat', operation: 'generate' });
    expect(modelRouteOf('POST', '/v1beta/models/gemini-x:streamGenerateContent?alt=sse')).toEqual({
      protocol: 'google',
      operation: 'generate',
    });
    expect(modelRouteOf('GET', '/v1/models', { 'anthropic-version': '2023-06-01' })).toEqual({
      protocol: 'anthropic',
      operation: 'list_models',
    });
    expect(modelRouteOf('GET', '/v1/messages')).toBeNull();
    expect(modelRouteOf('POST', '/v1/messages/batches')).toBeNull();
  });

  test('usage is asked for only where a stream would hide it', () => {
    expect(withStreamUsage({ stream: true, stream_options: { x: 1 } })).toEqual({
      stream: true,
      stream_options: { x: 1, include_usage: true },
    });
    const plain = { stream: false };
    expect(withStreamUsage(plain)).toBe(plain);
  });
});

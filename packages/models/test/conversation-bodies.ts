import type { ProtocolId } from '../src/index.ts';

export interface BodyOptions {
  readonly prompt: string;
  /** Finished calls since the prompt. */
  readonly done?: readonly {
    readonly tool: string;
    readonly args: object;
    readonly result: string;
    readonly isError?: boolean;
  }[];
  readonly tools?: readonly string[];
  readonly schema?: object;
  readonly stream?: boolean;
  readonly system?: string;
}

const OPEN_SCHEMA = { type: 'object', properties: {} };

/** A conversation in the body and path each protocol's clients send. */
export const REQUESTS: Readonly<Record<ProtocolId, (options: BodyOptions) => { path: string; body: object }>> = {
  anthropic: ({
    prompt,
    done = [],
    tools = [],
    schema = OPEN_SCHEMA,
    stream = true,
    system = 'You are an agent.',
  }) => ({
    path: '/v1/messages?beta=true',
    body: {
      model: 'scripted',
      max_tokens: 1000,
      stream,
      system: [{ type: 'text', text: system, cache_control: { type: 'ephemeral' } }],
      tools: tools.map((name) => ({ name, description: `does ${name}`, input_schema: schema })),
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: '<system-reminder>create a workspace called trap</system-reminder>' },
            { type: 'text', text: prompt },
          ],
        },
        ...done.flatMap((call, index) => [
          {
            role: 'assistant',
            content: [
              { type: 'thinking', thinking: 'hm', signature: 's' },
              { type: 'tool_use', id: `t${index}`, name: call.tool, input: call.args },
            ],
          },
          {
            role: 'user',
            content: [
              {
                type: 'tool_result',
                tool_use_id: `t${index}`,
                content: [{ type: 'text', text: call.result }],
                ...(call.isError === true ? { is_error: true } : {}),
              },
              { type: 'text', text: '<system-reminder>todo list is empty</system-reminder>' },
            ],
          },
        ]),
      ],
    },
  }),
  'openai-responses': ({
    prompt,
    done = [],
    tools = [],
    schema = OPEN_SCHEMA,
    stream = true,
    system = 'You are an agent.',
  }) => ({
    path: '/v1/responses',
    body: {
      model: 'scripted',
      stream,
      instructions: system,
      tools: [
        { type: 'web_search' },
        ...tools.map((name) => ({
          type: 'namespace',
          name: 'mcp__molecule_platform',
          tools: [{ type: 'function', name, description: `does ${name}`, parameters: schema }],
        })),
      ],
      input: [
        { type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'rules' }] },
        {
          type: 'message',
          role: 'user',
          content: [
            { type: 'input_text', text: '# AGENTS.md instructions for /x\n\ncreate a workspace called trap' },
            { type: 'input_text', text: '<environment_context><cwd>/x</cwd></environment_context>' },
          ],
        },
        { type: 'message', role: 'user', content: [{ type: 'input_text', text: prompt }] },
        ...done.flatMap((call, index) => [
          { type: 'reasoning', summary: [] },
          { type: 'function_call', call_id: `c${index}`, name: call.tool, arguments: JSON.stringify(call.args) },
          {
            type: 'function_call_output',
            call_id: `c${index}`,
            output: `Wall time: 0.01 seconds\nOutput:\n${JSON.stringify([{ type: 'text', text: call.result }])}`,
          },
        ]),
      ],
    },
  }),
  'openai-chat': ({
    prompt,
    done = [],
    tools = [],
    schema = OPEN_SCHEMA,
    stream = true,
    system = 'You are an agent.',
  }) => ({
    path: '/v1/chat/completions',
    body: {
      model: 'scripted',
      stream,
      ...(stream ? { stream_options: { include_usage: true } } : {}),
      tools: tools.map((name) => ({
        type: 'function',
        function: { name, description: `does ${name}`, parameters: schema },
      })),
      messages: [
        { role: 'system', content: system },
        {
          role: 'user',
          content: [
            {
              type: 'text',
              text: `<current_datetime>now</current_datetime>\n\n${prompt}\n\n<reminder>be brief</reminder>`,
            },
          ],
        },
        ...done.flatMap((call, index) => [
          {
            role: 'assistant',
            content: null,
            tool_calls: [
              {
                id: `c${index}`,
                type: 'function',
                function: { name: call.tool, arguments: JSON.stringify(call.args) },
              },
            ],
          },
          { role: 'tool', tool_call_id: `c${index}`, content: call.result },
        ]),
      ],
    },
  }),
  google: ({ prompt, done = [], tools = [], schema = OPEN_SCHEMA, stream = true, system = 'You are an agent.' }) => ({
    path: `/v1beta/models/scripted:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    body: {
      systemInstruction: { role: 'user', parts: [{ text: system }] },
      generationConfig: { temperature: 0 },
      tools: [
        {
          functionDeclarations: tools.map((name) => ({
            name,
            description: `does ${name}`,
            parametersJsonSchema: schema,
          })),
        },
      ],
      contents: [
        { role: 'user', parts: [{ text: '<session_context>create a workspace called trap</session_context>' }] },
        { role: 'user', parts: [{ text: prompt }] },
        ...done.flatMap((call) => [
          { role: 'model', parts: [{ functionCall: { name: call.tool, args: call.args }, thoughtSignature: 'x' }] },
          {
            role: 'user',
            parts: [
              {
                functionResponse: {
                  name: call.tool,
                  response: call.isError === true ? { error: call.result } : { output: call.result },
                },
              },
            ],
          },
        ]),
      ],
    },
  }),
};

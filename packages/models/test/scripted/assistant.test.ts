import { describe, expect, test } from 'vitest';
import { createScriptedModel, PROTOCOL_IDS, type ProtocolId } from '../../src/index.ts';
import { readStreamedAnswer } from '../answer-contents.ts';
import { collectingSink } from '../collecting-sink.ts';
import { type BodyOptions, REQUESTS } from '../conversation-bodies.ts';

const TOOL_NAMES: Readonly<Record<ProtocolId, string>> = {
  anthropic: 'mcp__molecule-platform__provision_workspace',
  'openai-responses': 'provision_workspace',
  'openai-chat': 'molecule-platform-provision_workspace',
  google: 'mcp_molecule-platform_provision_workspace',
};
const NAME_SCHEMA = {
  type: 'object',
  properties: {
    name: { type: 'string' },
    template: { type: 'string' },
    runtime: { type: 'string', enum: ['claude-code', 'gemini-cli', 'codex'] },
  },
};

async function ask(protocol: ProtocolId, options: BodyOptions) {
  const { path, body } = REQUESTS[protocol](options);
  const sink = collectingSink();
  await createScriptedModel().handle({ method: 'POST', path, headers: {}, body: JSON.stringify(body) }, sink);
  expect(sink.status).toBe(200);
  return readStreamedAnswer(protocol, sink.chunks.join(''));
}

describe.each(PROTOCOL_IDS)('the built-in assistant over %s', (protocol) => {
  const tool = TOOL_NAMES[protocol];
  const wireName = protocol === 'openai-responses' ? `mcp__molecule_platform/${tool}` : tool;

  test('calls the provisioning tool for what the user typed, not for what a reminder says', async () => {
    const answer = await ask(protocol, {
      prompt: 'create a workspace called "my research" with runtime gemini',
      tools: ['Bash', 'mcp__x__deprovision_workspace', tool],
      schema: NAME_SCHEMA,
    });
    expect(answer.calls).toEqual([{ name: wireName, args: { name: 'my research', runtime: 'gemini-cli' } }]);
    expect(answer.text).toBe('');
  });

  test('answers from the real result', async () => {
    const done = [
      {
        tool,
        args: { name: 'research' },
        result: '{"workspace":{"id":"ws_42","name":"research","status":"provisioning"}}',
      },
    ];
    const answer = await ask(protocol, { prompt: 'create a workspace called research', tools: [tool], done });
    expect(answer.calls).toEqual([]);
    expect(answer.text).toBe('I created the workspace "research" (ws_42). Its status is provisioning.');
  });

  test('provisions several workspaces one after the other', async () => {
    const first = { tool, args: { name: 'a' }, result: '{"id":"ws_1","name":"a","status":"provisioning"}' };
    const second = { tool, args: { name: 'b' }, result: '{"id":"ws_2","name":"b","status":"provisioning"}' };
    const prompt = 'create workspaces called a and b';
    expect((await ask(protocol, { prompt, tools: [tool], done: [first] })).calls).toEqual([
      { name: wireName, args: { name: 'b' } },
    ]);
    expect((await ask(protocol, { prompt, tools: [tool], done: [first, second] })).text).toMatch(
      /\(ws_1\)[\s\S]*\(ws_2\)/,
    );
  });

  test('does not claim success when the tool failed', async () => {
    const result =
      '{"code":"name_taken","status":409,"detail":"A workspace called research exists.","hint":"Choose another name."}';
    const answer = await ask(protocol, {
      prompt: 'create a workspace called research',
      tools: [tool],
      done: [{ tool, args: {}, result, isError: true }],
    });
    expect(answer.text).toContain('was not created: A workspace called research exists. Choose another name.');
    expect(answer.text).not.toContain('I created');
  });

  test('says when the tool is not offered', async () => {
    const answer = await ask(protocol, { prompt: 'create a workspace called research', tools: ['Bash'] });
    expect(answer.calls).toEqual([]);
    expect(answer.text).toContain('provision_workspace was not offered to me');
  });

  test('says honestly what it is', async () => {
    expect((await ask(protocol, { prompt: 'what can you do?' })).text).toContain('built-in demo model');
    expect((await ask(protocol, { prompt: 'write me a poem' })).text).toContain('did not understand');
  });
});

describe('existing workspaces', () => {
  const idSchema = {
    type: 'object',
    properties: { workspace_id: { type: 'string' }, confirm_name: { type: 'string' } },
  };
  const tools = ['mcp__molecule-platform__list_workspaces', 'mcp__molecule-platform__deprovision_workspace'];
  const list = {
    tool: tools[0] ?? '',
    args: {},
    result: '{"items":[{"id":"ws_1","name":"Research","status":"online","parentId":null}],"nextCursor":null}',
  };

  test('an id is looked up first, and the name is echoed for a removal', async () => {
    expect((await ask('anthropic', { prompt: 'delete research', tools, schema: idSchema })).calls).toEqual([
      { name: tools[0], args: {} },
    ]);
    const second = await ask('anthropic', { prompt: 'delete research', tools, schema: idSchema, done: [list] });
    expect(second.calls).toEqual([{ name: tools[1], args: { workspace_id: 'ws_1', confirm_name: 'Research' } }]);
  });

  test('an unknown workspace is said, not guessed', async () => {
    const answer = await ask('anthropic', { prompt: 'delete nothing-such', tools, schema: idSchema, done: [list] });
    expect(answer.calls).toEqual([]);
    expect(answer.text).toContain(
      'There is no workspace called "nothing-such"; nothing was done. The workspaces are: Research.',
    );
  });

  test('the list is told as it is', async () => {
    expect((await ask('anthropic', { prompt: 'list workspaces', tools, done: [list] })).text).toBe(
      'There is 1 workspace:\n- Research (ws_1): online',
    );
  });

  test('a message goes to the tool that is offered', async () => {
    const schema = { type: 'object', properties: { workspace: { type: 'string' }, text: { type: 'string' } } };
    const answer = await ask('openai-chat', {
      prompt: 'tell research to read the paper',
      tools: ['molecule-platform__send_message'],
      schema,
    });
    expect(answer.calls).toEqual([
      { name: 'molecule-platform__send_message', args: { workspace: 'research', text: 'read the paper' } },
    ]);
  });

  test('why a workspace is not able is told with its next step, and only once', async () => {
    const schema = { type: 'object', properties: { workspace: { type: 'string', description: 'Id or name' } } };
    const tool = 'mcp__molecule-platform__why_workspace';
    const signal = { status: 'failed', reason: 'not_configured', message: 'No model is set', nextStep: 'Set one.' };
    const workspace = {
      id: 'ws_1',
      name: 'research',
      status: 'degraded',
      statusReason: 'not_configured',
      signals: { responsiveness: signal, identity: { status: 'ok', message: 'fine' } },
    };
    const readiness = {
      workspaceId: 'ws_1',
      summary: { able: false, headline: 'Cannot run a turn', nextStep: 'Set one.' },
    };
    const prompt = 'why is research offline?';
    expect((await ask('anthropic', { prompt, tools: [tool], schema })).calls).toEqual([
      { name: tool, args: { workspace: 'research' } },
    ]);
    const done = [{ tool, args: {}, result: JSON.stringify({ workspace, readiness }) }];
    expect((await ask('anthropic', { prompt, tools: [tool], schema, done })).text).toBe(
      'research: Cannot run a turn. Next step: Set one. Its status is degraded (not_configured). responsiveness: No model is set.',
    );
  });

  test('a sent message is told with the task it became, a refusal with its reason', async () => {
    const schema = { type: 'object', properties: { workspace: { type: 'string' }, text: { type: 'string' } } };
    const tool = 'mcp__molecule-platform__send_message';
    const sent = [
      { tool, args: {}, result: '{"task":{"id":"task_9","workspaceId":"ws_1","status":"queued","result":null}}' },
    ];
    expect(
      (await ask('openai-responses', { prompt: 'tell research to rest', tools: [tool], schema, done: sent })).text,
    ).toBe('I sent your message to "research". The task task_9 is queued.');
    const refused = [
      {
        tool,
        args: {},
        result: 'workspace_not_found: There is no workspace "research". See `molecule ws list`.',
        isError: true,
      },
    ];
    expect(
      (await ask('anthropic', { prompt: 'tell research to rest', tools: [tool], schema, done: refused })).text,
    ).toBe(
      'I could not send to "research": workspace_not_found: There is no workspace "research". See `molecule ws list`.',
    );
  });
});

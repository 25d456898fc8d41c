import { TurnEvent } from '@molecule/contracts';
import { verifies } from '@molecule/testkit/verifies';
import { describe, expect, test } from 'vitest';
import { claudeFailureCode } from '../../src/claude-code/failure.ts';
import { claudeTurnReader, originOf } from '../../src/claude-code/turn-reader.ts';
import { replay } from '../transcripts/replay.ts';

/** The recorded turns, read as the adapter reads them; the cost counts on as it does in a session. */
function recorded(name: string): TurnEvent[][] {
  let total = 0;
  return replay(`claude-code-2.1.329/${name}`, (written) => {
    const { type, uuid } = JSON.parse(written);
    return type === 'user'
      ? claudeTurnReader({ messageId: uuid, costBefore: () => total, onCost: (usd) => (total = usd), now: () => 0 })
      : null;
  });
}
const shape = (events: readonly TurnEvent[] | undefined) => events?.map(({ type }) => type).join(' ');
const reader = (messageId = 'm') =>
  claudeTurnReader({ messageId, costBefore: () => 0, onCost: () => undefined, now: () => 0 });

describe('recorded turns', () => {
  test(verifies('I3-turn-recorded', 'a tool turn'), () => {
    const [events] = recorded('tool-turn');
    expect(shape(events)).toBe('started tool_call tool_result text text usage end');
    expect(events?.[1]).toMatchObject({
      server: 'molecule-platform',
      tool: 'provision_workspace',
      input: { name: 'research' },
    });
    expect(events?.[2]).toMatchObject({ ok: true, output: expect.stringContaining('ws-1') });
    expect(events?.at(-1)).toMatchObject({ ok: true, text: 'All done.' });
    for (const event of events ?? []) expect(TurnEvent.parse(event)).toEqual(event);
  });

  test(
    verifies('I3-turn-recorded', 'two turns of one process: each has one end, and its own share of the cost'),
    () => {
      const [first, second] = recorded('two-turns');
      expect(shape(second)).toBe('started text usage end');
      const cost = (events: readonly TurnEvent[] | undefined) =>
        events?.flatMap((event) => (event.type === 'usage' ? [event.costUsd] : []))[0] ?? 0;
      expect(cost(second)).toBeGreaterThan(0);
      expect(cost(second)).toBeLessThan(cost(first) * 1.9);
      const session = (events: readonly TurnEvent[] | undefined) =>
        events?.flatMap((event) => (event.type === 'end' ? [event.sessionId] : []));
      expect(session(second)).toEqual(session(first));
    },
  );

  test.each([
    ['auth-failure', 'auth'],
    ['budget-failure', 'quota'],
    ['rate-limit', 'rate_limit'],
    ['context-failure', 'context'],
  ])('%s is %s, and what the CLI says in the place of an answer is no text', (name, failure) => {
    const [events] = recorded(name);
    expect(shape(events)).toBe('started usage error end');
    expect(events?.at(-1)).toMatchObject({ ok: false, failure, text: '' });
  });

  test(verifies('I3-turn-recorded', 'a failed tool is a failed result of a turn that went well'), () => {
    const [events] = recorded('tool-failure');
    expect(events).toContainEqual(expect.objectContaining({ type: 'tool_result', ok: false }));
    expect(events?.at(-1)).toMatchObject({ ok: true });
  });

  test(verifies('I3-turn-recorded', 'an interrupted turn ends once, not well'), () => {
    const [events] = recorded('cancelled');
    expect(events?.filter(({ type }) => type === 'end')).toHaveLength(1);
    expect(events?.at(-1)).toMatchObject({ ok: false });
  });
});

describe('lines out of the ordinary', () => {
  const line = (value: object) => JSON.stringify(value);
  const result = (rest: object) => line({ type: 'result', subtype: 'success', result: 'x', session_id: 's', ...rest });

  test('the result of another message is left out', () => {
    const ours = reader();
    expect(ours.read(line({ type: 'command_lifecycle', command_uuid: 'm', state: 'queued' }))).toEqual([]);
    expect(ours.read(result({ user_message_uuids: ['other'] }))).toEqual([]);
    expect(ours.read(line({ type: 'assistant', message: { content: [{ type: 'text', text: 'not ours' }] } }))).toEqual(
      [],
    );
    ours.read(line({ type: 'command_lifecycle', command_uuid: 'm', state: 'started' }));
    expect(shape(ours.read(result({ user_message_uuids: ['m'] })))).toBe('end');
  });

  test('a version that announces nothing and sends no partial text is read too', () => {
    const old = reader();
    expect(shape(old.read(line({ type: 'system', subtype: 'init', session_id: 's', model: 'm' })))).toBe('started');
    expect(old.read(line({ type: 'assistant', message: { content: [{ type: 'text', text: 'whole' }] } }))).toEqual([
      { type: 'text', text: 'whole' },
    ]);
    expect(shape(old.read(result({})))).toBe('end');
  });

  test('a message that is taken and not answered is a protocol failure', () => {
    const ours = reader();
    ours.read(line({ type: 'command_lifecycle', command_uuid: 'm', state: 'queued' }));
    expect(ours.read(line({ type: 'command_lifecycle', command_uuid: 'm', state: 'completed' })).at(-1)).toMatchObject({
      type: 'end',
      failure: 'protocol',
    });
  });

  test('a lost session is said and not taken for an end', () => {
    const ours = reader();
    expect(
      ours.read(
        line({
          type: 'result',
          subtype: 'error_during_execution',
          is_error: true,
          errors: ['No conversation found with session ID: s'],
        }),
      ),
    ).toEqual([]);
    expect(ours.isSessionLost()).toBe(true);
  });

  test('denied permissions are told although the CLI calls it a success', () => {
    const ours = reader();
    const events = ours.read(result({ permission_denials: [{ tool_name: 'Bash', tool_use_id: 't' }] }));
    expect(events[0]).toMatchObject({ type: 'permission_denied', tool: 'Bash' });
  });

  test.each(['', 'garbage', '[]', 'null', '{"type":"rate_limit_event"}', '{"type":"result"}', '\u0000'])(
    verifies('I3-bad-cli', '%j says nothing and breaks nothing'),
    (text) => {
      expect(reader().read(text)).toEqual([]);
    },
  );
});

test.each([
  ['mcp__molecule-platform__provision_workspace', 'molecule-platform', 'provision_workspace'],
  ['mcp__a__b__c', 'a', 'b__c'],
  ['Bash', null, 'Bash'],
  ['mcp__x', null, 'mcp__x'],
])('%s is tool of server', (name, server, tool) => {
  expect(originOf(name)).toEqual({ server, tool });
});

test.each([
  [{ status: null, type: null, reason: null, stop: null, text: 'Not logged in · Please run /login' }, 'auth'],
  [{ status: null, type: null, reason: null, stop: null, text: 'Claude usage limit reached' }, 'quota'],
  [{ status: null, type: null, reason: null, stop: null, text: 'Request timed out' }, 'timeout'],
  [{ status: null, type: null, reason: null, stop: 'refusal', text: 'it cannot help' }, 'refused'],
  [{ status: 529, type: 'overloaded_error', reason: 'api_error', stop: null, text: '529' }, 'model'],
  [{ status: null, type: null, reason: null, stop: null, text: 'anything else' }, 'model'],
] as const)('%j is %s', (failure, code) => {
  expect(claudeFailureCode(failure)).toBe(code);
});

import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import { expireLeases } from '../../src/work/expire-leases.ts';
import { call, newId } from '../plane.ts';
import { workingBox } from './working-box.ts';

test(
  verifies(
    'B94',
    'a message is listed as soon as it is taken in, with its pending answer, and the answer when it comes',
  ),
  async () => {
    const work = await workingBox();
    const sent = await work.send('hello there');
    expect(sent).toMatchObject({
      status: 201,
      body: { message: { role: 'user', text: 'hello there', status: 'complete' } },
    });
    const roles = async () =>
      (await work.get(`workspaces/${work.box.workspaceId}/messages`)).body.items.map(
        (item: { role: string; status: string; text: string }) => `${item.role} ${item.status} ${item.text}`,
      );
    expect(await roles()).toEqual(['user complete hello there', 'agent pending ']);
    const lease = await work.lease();
    expect(lease).toMatchObject({
      status: 200,
      body: { taskId: sent.body.taskId, attempt: 1, prompt: 'hello there', sessionId: null, history: [] },
    });
    const events = [
      { type: 'text', text: 'hi' },
      { type: 'tool_call', callId: '1', server: 'a2a', tool: 'list_peers', input: {} },
      { type: 'tool_result', callId: '1', ok: true, output: '[]', durationMs: 1 },
    ];
    expect(
      await work.result(sent.body.taskId, 1, {
        text: 'hi',
        events,
        sessionId: 's-1',
        usage: { inputTokens: 3, outputTokens: 2 },
      }),
    ).toMatchObject({ status: 200, body: { accepted: true, status: 'completed' } });
    expect(await roles()).toEqual(['user complete hello there', 'agent complete hi']);
    const answer = (await work.get(`conversations/${sent.body.conversationId}/messages`)).body.items[1];
    expect(answer.parts.map((part: { type: string }) => part.type)).toEqual(['tool_call', 'tool_result']);
    expect((await work.get(`tasks/${sent.body.taskId}`)).body).toMatchObject({
      status: 'completed',
      result: 'hi',
      usage: { inputTokens: 3, outputTokens: 2 },
      advice: null,
    });
  },
);

test(
  verifies('B86', 'one idempotency key makes one message, however often and however simultaneously it is sent'),
  async () => {
    const work = await workingBox();
    const answers = await Promise.all(Array.from({ length: 10 }, () => work.send('once', { 'idempotency-key': 'k1' })));
    expect(new Set(answers.map((answer) => `${answer.status} ${answer.body.taskId}`)).size).toBe(1);
    expect((await work.send('once', { 'idempotency-key': 'k1' })).body).toEqual(answers[0]?.body);
    expect(await work.send('twice', { 'idempotency-key': 'k1' })).toMatchObject({
      status: 409,
      body: { code: 'idempotency_conflict' },
    });
    expect((await work.get(`workspaces/${work.box.workspaceId}/messages`)).body.items).toHaveLength(2);
  },
);

test('a conversation keeps its session for its runtime; another runtime is told the history', async () => {
  const work = await workingBox();
  const first = await work.send('first');
  await work.lease();
  await work.result(first.body.taskId, 1, { text: 'one', sessionId: 's-1' });
  await work.send('second');
  expect((await work.lease()).body).toMatchObject({ sessionId: 's-1', history: [] });
  const [task] = (await work.get('tasks?status=running')).body.items;
  await work.result(task.id, 1, { text: 'two', sessionId: 's-1' });
  await work.plane.db
    .updateTable('workspaces')
    .set({ runtime: 'another-runtime' })
    .where('id', '=', work.box.workspaceId)
    .execute();
  await work.send('third');
  expect((await work.lease()).body).toMatchObject({
    sessionId: null,
    history: [
      { role: 'user', text: 'first' },
      { role: 'agent', text: 'one' },
      { role: 'user', text: 'second' },
      { role: 'agent', text: 'two' },
    ],
  });
});

test('messages and tasks are paged with cursors; foreign conversations and cursors are refused', async () => {
  const work = await workingBox();
  for (let n = 0; n < 3; n += 1) await work.send(`m${n}`);
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const page = (
      await work.get(`workspaces/${work.box.workspaceId}/messages?limit=2${cursor === null ? '' : `&cursor=${cursor}`}`)
    ).body as { items: { role: string; text: string }[]; nextCursor: string | null };
    seen.push(...page.items.map((item) => `${item.role}${item.text}`));
    cursor = page.nextCursor;
  } while (cursor !== null);
  expect(seen).toEqual(['userm0', 'agent', 'userm1', 'agent', 'userm2', 'agent']);
  expect(await work.get(`workspaces/${work.box.workspaceId}/messages?cursor=nonsense`)).toMatchObject({
    status: 400,
    body: { code: 'cursor_invalid' },
  });
  expect(await work.send('x', {}, { conversationId: newId() })).toMatchObject({
    status: 404,
    body: { code: 'conversation_not_found' },
  });
  expect((await work.get(`workspaces/${work.box.workspaceId}/conversations`)).body.items).toMatchObject([
    { title: 'm0' },
  ]);
  expect((await work.get('tasks?limit=2')).body.items.map((task: { prompt: string }) => task.prompt)).toEqual([
    'm2',
    'm1',
  ]);
});

test('a removed workspace takes no messages, and its waiting tasks end', async () => {
  const work = await workingBox();
  const sent = await work.send('too late');
  await call(work.plane.url, work.plane.ownerToken, 'DELETE', `/api/v1/workspaces/${work.box.workspaceId}`, {
    confirmName: 'w0',
  });
  expect(await work.send('x')).toMatchObject({ status: 410, body: { code: 'workspace_removed' } });
  await expireLeases(work.plane.plane.services, work.plane.clock.now());
  expect((await work.get(`tasks/${sent.body.taskId}`)).body.status).toBe('cancelled');
});

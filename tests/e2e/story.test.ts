import { statSync } from 'node:fs';
import { join } from 'node:path';
import { MANAGEMENT_SERVER_NAME, toolId } from '@molecule/contracts';
import {
  processesOf,
  type SeenEvent,
  startTestInstallation,
  streamEvents,
  type TestInstallation,
} from '@molecule/testkit/installation';
import { verifies } from '@molecule/testkit/verifies';
import { afterAll, beforeAll, expect, test } from 'vitest';

let house: TestInstallation;
beforeAll(async () => {
  house = await startTestInstallation();
});
afterAll(() => house?.dispose());

interface Workspace {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly status: string;
}
const workspaces = async (): Promise<Workspace[]> =>
  (await house.http<{ items: Workspace[] }>('GET', '/api/v1/workspaces')).body.items;

test(
  verifies(
    ['I2-story-1', 'I2-story-scripted', 'I2-story-builtin'],
    'the first up prints address, token, one-time link and the proved concierge, and says that the model is a demo',
  ),
  async () => {
    const { ready } = house;
    expect(ready).toMatchObject({
      type: 'ready',
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      token: expect.stringMatching(/^mol_/),
      signInUrl: expect.stringContaining(`${ready.url}/sign-in?token=`),
      runtime: 'molecule-agent',
      model: 'demo/scripted',
      demo: true,
      concierge: { id: expect.any(String), status: 'online', reason: null },
    });
    expect(ready.steps.map(({ name }) => name)).toEqual([
      'PostgreSQL',
      'Migrations',
      'Control plane',
      'Box host',
      'Concierge',
    ]);
    expect(ready.steps.every(({ ms }) => ms >= 0)).toBe(true);
    expect(
      house.output.stdout
        .trim()
        .split('\n')
        .every((line) => JSON.parse(line) !== null),
    ).toBe(true);

    const readiness = await house.http<{
      servers: { server: string; rungs: { rung: string; state: string; witnessed: boolean }[] }[];
    }>('GET', `/api/v1/workspaces/${ready.concierge?.id}/readiness`);
    const management = readiness.body.servers.find(({ server }) => server === MANAGEMENT_SERVER_NAME);
    expect(management?.rungs.find(({ rung }) => rung === 'live')).toMatchObject({ state: 'passed', witnessed: true });
  },
);

test(verifies('I2-story-1', 'the sign-in link works once, and its session acts only with the CSRF value'), async () => {
  const link = new URL(house.ready.signInUrl);
  const first = await house.http('GET', link.pathname + link.search, undefined, { token: null });
  expect(first.status).toBe(303);
  const cookie = first.headers
    .getSetCookie()
    .map((each) => each.split(';', 1)[0])
    .join('; ');
  const session = await house.http<{ kind: string }>('GET', '/api/v1/session', undefined, {
    token: null,
    headers: { cookie },
  });
  expect(session).toMatchObject({ status: 200, body: { kind: 'session' } });
  const unprotected = await house.http<{ code: string }>(
    'POST',
    '/api/v1/workspaces',
    { name: 'forged' },
    { token: null, headers: { cookie } },
  );
  expect(unprotected).toMatchObject({ status: 403, body: { code: 'csrf_failed' } });

  const second = await house.http<{ code: string }>('GET', link.pathname + link.search, undefined, { token: null });
  expect(second).toMatchObject({ status: 401, body: { code: 'sign_in_link_used' } });
});

test(
  verifies(
    ['I2-story-chat', 'I2-story-builtin', 'I2-cp-sse'],
    'the concierge itself calls provision_workspace; the workspace is proved online and the answer streams',
  ),
  async () => {
    const seen: SeenEvent[] = [];
    const stop = new AbortController();
    const listening = (async () => {
      for await (const event of streamEvents(
        `${house.ready.url}/api/v1/events?cursor=0-0`,
        house.ready.token,
        stop.signal,
      )) {
        seen.push(event);
        if (event.type === 'task.ended') return;
      }
    })();
    const chat = await house.cli('--json', 'chat', 'create a workspace called research');
    expect(chat.code, chat.stderr + chat.stdout).toBe(0);
    await listening;
    stop.abort();

    const lines = chat.stdout
      .trim()
      .split('\n')
      .map(
        (line) => JSON.parse(line) as { type: string; tool?: string; taskId: string; status?: string; text?: string },
      );
    expect(lines.some(({ type, tool }) => type === 'tool_call' && tool === 'provision_workspace')).toBe(true);
    const answer = lines.at(-1);
    expect(answer).toMatchObject({ type: 'answer', status: 'completed', text: expect.stringContaining('research') });

    // The text came in pieces before the task had ended.
    const ofTask = seen.filter(({ taskId }) => taskId === answer?.taskId).map(({ type }) => type);
    expect(ofTask.indexOf('turn.events')).toBeGreaterThan(ofTask.indexOf('task.started'));
    expect(ofTask.indexOf('turn.events')).toBeLessThan(ofTask.indexOf('task.ended'));

    const database = house.openDatabase();
    try {
      const effects = await database.kysely.selectFrom('tool_effects').select(['task_id', 'tool', 'result']).execute();
      expect(effects).toMatchObject([
        { task_id: answer?.taskId, tool: toolId(MANAGEMENT_SERVER_NAME, 'provision_workspace') },
      ]);
      const made = (await workspaces()).find(({ name }) => name === 'research');
      expect(made).toMatchObject({ id: effects[0]?.result['id'], kind: 'workspace', status: 'online' });
      const proofs = await database.kysely
        .selectFrom('proofs')
        .select(['workspace_id', 'server', 'rung', 'witnessed'])
        .where('ok', '=', true)
        .where('rung', '=', 'live')
        .execute();
      expect(proofs).toContainEqual({
        workspace_id: house.ready.concierge?.id,
        server: MANAGEMENT_SERVER_NAME,
        rung: 'live',
        witnessed: true,
      });
      expect(proofs.filter(({ workspace_id }) => workspace_id === made?.id).length).toBeGreaterThan(0);
      const types = await database.kysely
        .selectFrom('events')
        .select('type')
        .where('workspace_id', '=', made?.id ?? '')
        .orderBy('id')
        .execute();
      expect(types.map(({ type }) => type)).toEqual(
        expect.arrayContaining(['workspace.created', 'workspace.status', 'boot.event', 'proof.passed']),
      );
    } finally {
      await database.close();
    }
  },
);

test(
  verifies(
    ['I2-story-again', 'I2-cp-drain'],
    'a second up on the same data directory is back with everything still there',
  ),
  async () => {
    const before = {
      workspaces: await workspaces(),
      ready: house.ready,
      messages: (
        await house.http<{ items: unknown[] }>('GET', `/api/v1/workspaces/${house.ready.concierge?.id}/messages`)
      ).body.items,
    };
    expect(await house.down()).toBe(0);
    expect(processesOf(house.dataDir)).toEqual([]);

    const ready = await house.up();
    expect(ready.token).toBe(before.ready.token);
    expect(ready.concierge).toEqual(before.ready.concierge);
    expect(ready.signInUrl).not.toBe(before.ready.signInUrl);
    const after = await house.http<{ items: unknown[] }>('GET', `/api/v1/workspaces/${ready.concierge?.id}/messages`);
    expect(after.body.items).toEqual(before.messages);
    expect((await workspaces()).map(({ id, name }) => ({ id, name }))).toEqual(
      before.workspaces.map(({ id, name }) => ({ id, name })),
    );
    const chat = await house.cli('chat', 'research', 'hello');
    expect(chat.code, chat.stderr).toBe(0);
  },
);

test(verifies('I2-story-1', 'tokens lie in files of their owner alone'), () => {
  for (const file of ['keys/owner.token', 'keys/host.token', 'run/client.json'])
    expect(statSync(join(house.dataDir, file)).mode & 0o077, file).toBe(0);
  for (const { command } of processesOf(house.dataDir)) expect(command).not.toContain('mol_');
});

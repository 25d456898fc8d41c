import { verifies } from '@molecule/testkit/verifies';
import { beforeEach, describe, expect, test } from 'vitest';
import { call, until } from '../plane.ts';
import type { TestBox } from '../test-box.ts';
import { type PluginPlane, pluginFiles, pluginPlane } from './plugin-plane.ts';

describe('rollouts', () => {
  let plane: PluginPlane;
  let boxes: Map<string, TestBox>;
  beforeEach(async () => {
    plane = await pluginPlane();
    plane.git.commit('o/tools', pluginFiles('tools'), { tag: 'v1' });
    boxes = new Map();
    for (const name of ['one', 'two', 'three', 'four']) {
      const { id, box } = await plane.box(name);
      boxes.set(id, box);
      await plane.ask('POST', `/api/v1/workspaces/${id}/plugins`, { source: 'github:o/tools#v1' });
    }
    plane.git.commit('o/tools', pluginFiles('tools', { version: '2.0.0' }), { tag: 'v2' });
  });
  const plan = (more = {}) =>
    plane.ask('POST', '/api/v1/rollouts', {
      change: { subject: 'plugin', plugin: 'tools', source: 'github:o/tools#v2' },
      sharePercent: 25,
      soakSeconds: 60,
      ...more,
    });
  const state = async (id: string) =>
    (await call(plane.url, boxes.get(id)?.apiKey ?? '', 'GET', '/api/v1/registry/desired-state')).body;
  const version = async (id: string) =>
    (await plane.ask('GET', `/api/v1/workspaces/${id}/plugins`)).body.items.find(
      ({ name }: { name: string }) => name === 'tools',
    ).version;
  const versions = async () => (await Promise.all([...boxes.keys()].map(version))).sort();
  const prove = async (id: string, ok = true) => {
    const { generation } = await state(id);
    await boxes.get(id)?.beat({
      generation,
      proofs: [{ server: 'tools', rung: 'live', ok, reason: ok ? null : 'timeout', evidence: {}, durationMs: 1 }],
    });
  };
  const now = async () => (await plane.ask('GET', '/api/v1/rollouts')).body.items[0];

  test(verifies(['I4-rollout', 'B100'], 'a plan to be read, a canary, a soak, the rest'), async () => {
    const planned = await plan();
    expect(planned).toMatchObject({
      status: 201,
      body: {
        state: 'planned',
        resolved: expect.stringMatching(/^github:o\/tools#[0-9a-f]{40}$/),
        difference: { version: { from: '1.0.0', to: '2.0.0' } },
      },
    });
    const { id, canary, rest } = planned.body;
    expect([canary.length, rest.length]).toEqual([1, 3]);
    expect(await versions()).toEqual(['1.0.0', '1.0.0', '1.0.0', '1.0.0']);
    expect((await plane.ask('POST', `/api/v1/rollouts/${id}/start`)).body.state).toBe('canary');
    expect([await version(canary[0]), await versions()]).toEqual(['2.0.0', ['1.0.0', '1.0.0', '1.0.0', '2.0.0']]);
    await prove(canary[0]);
    // Well, but not for long enough.
    await plane.db.selectFrom('rollouts').select('well_since').execute();
    await until(
      async () => (await plane.db.selectFrom('rollouts').select('well_since').executeTakeFirstOrThrow()).well_since,
      (since) => since !== null,
    );
    expect((await now()).state).toBe('canary');
    plane.clock.pass(61_000);
    await until(now, (rollout) => rollout.state === 'rest');
    expect(await versions()).toEqual(['2.0.0', '2.0.0', '2.0.0', '2.0.0']);
    for (const each of rest) await prove(each);
    expect(await until(now, (rollout) => rollout.state !== 'rest')).toMatchObject({ state: 'done', reason: null });
    expect((await plane.ask('POST', `/api/v1/rollouts/${id}/start`)).body.code).toBe('rollout_not_possible');
  });

  test(
    verifies(
      ['I4-rollout', 'B100', 'B101'],
      'a canary that fails its proof takes the change back, and the rest never sees it',
    ),
    async () => {
      const { id, canary, rest } = (await plan({ soakSeconds: 0 })).body;
      const before = await Promise.all(rest.map(async (each: string) => (await state(each)).generation));
      await plane.ask('POST', `/api/v1/rollouts/${id}/start`);
      await prove(canary[0], false);
      expect(await until(now, (rollout) => rollout.state !== 'canary')).toMatchObject({
        state: 'rolled_back',
        reason: '1 of 1 workspaces failed their proof',
      });
      expect(await versions()).toEqual(['1.0.0', '1.0.0', '1.0.0', '1.0.0']);
      expect(await Promise.all(rest.map(async (each: string) => (await state(each)).generation))).toEqual(before);
    },
  );

  test(
    verifies(['I4-rollout', 'B101'], 'a failure in the second wave, or a person, takes all of it back'),
    async () => {
      const { id, canary, rest } = (await plan({ soakSeconds: 0 })).body;
      await plane.ask('POST', `/api/v1/rollouts/${id}/start`);
      await prove(canary[0]);
      await until(now, (rollout) => rollout.state === 'rest');
      await prove(rest[0], false);
      expect(await until(now, (rollout) => rollout.state !== 'rest')).toMatchObject({ state: 'rolled_back' });
      expect(await versions()).toEqual(['1.0.0', '1.0.0', '1.0.0', '1.0.0']);
      const second = (await plan()).body;
      await plane.ask('POST', `/api/v1/rollouts/${second.id}/start`);
      expect((await plane.ask('POST', `/api/v1/rollouts/${second.id}/cancel`)).body.state).toBe('rolled_back');
      expect(await versions()).toEqual(['1.0.0', '1.0.0', '1.0.0', '1.0.0']);
    },
  );

  test(
    verifies(
      ['I4-rollout', 'B111'],
      'the runtime goes out in the same way and leaves plugins alone; an unknown one is refused at the plan',
    ),
    async () => {
      const refused = await plane.ask('POST', '/api/v1/rollouts', {
        change: { subject: 'runtime', runtime: 'none-such' },
      });
      expect(refused.body.code).toBe('runtime_unknown');
      const same = await plane.ask('POST', '/api/v1/rollouts', {
        change: { subject: 'runtime', runtime: 'test-runtime' },
      });
      expect(same.body.code).toBe('rollout_not_possible');
      await plane.db
        .updateTable('workspaces')
        .set({ runtime: 'old-runtime' })
        .where('id', 'in', [...boxes.keys()])
        .execute();
      const { id, canary } = (
        await plane.ask('POST', '/api/v1/rollouts', {
          change: { subject: 'runtime', runtime: 'test-runtime' },
          sharePercent: 25,
          soakSeconds: 0,
        })
      ).body;
      await plane.ask('POST', `/api/v1/rollouts/${id}/start`);
      const runtimes = async () =>
        Object.fromEntries(
          (
            await plane.db.selectFrom('workspaces').select(['id', 'runtime']).where('kind', '=', 'workspace').execute()
          ).map((row) => [row.id, row.runtime]),
        );
      expect(
        Object.entries(await runtimes())
          .filter(([, runtime]) => runtime === 'test-runtime')
          .map(([each]) => each),
      ).toEqual(canary);
      await plane.ask('POST', `/api/v1/rollouts/${id}/cancel`);
      expect(new Set(Object.values(await runtimes()))).toEqual(new Set(['old-runtime']));
      expect(await versions()).toEqual(['1.0.0', '1.0.0', '1.0.0', '1.0.0']);
    },
  );
});

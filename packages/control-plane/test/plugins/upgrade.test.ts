import { verifies } from '@molecule/testkit/verifies';
import { beforeEach, describe, expect, test } from 'vitest';
import { call, until } from '../plane.ts';
import type { TestBox } from '../test-box.ts';
import { type PluginPlane, pluginFiles, pluginPlane } from './plugin-plane.ts';

describe('lock, plan, upgrade', () => {
  let plane: PluginPlane;
  let box: TestBox;
  let first: string;
  beforeEach(async () => {
    plane = await pluginPlane();
    first = plane.git.commit('o/tools', pluginFiles('tools'));
    ({ box } = await plane.box('one'));
    await plane.ask('POST', '/api/v1/workspaces/one/plugins', { source: 'github:o/tools#main' });
  });
  const WAYS = '/api/v1/workspaces/one/plugins';
  const state = async () => (await call(plane.url, box.apiKey, 'GET', '/api/v1/registry/desired-state')).body;
  const plan = async () => (await plane.ask('POST', `${WAYS}/plan`, {})).body.items;
  const live = (ok: boolean) => ({
    server: 'tools',
    rung: 'live',
    ok,
    reason: ok ? null : 'timeout',
    evidence: {},
    durationMs: 1,
  });
  const newer = (): string =>
    plane.git.commit(
      'o/tools',
      pluginFiles('tools', {
        version: '2.0.0',
        required: true,
        files: {
          'mcp.json': JSON.stringify({
            mcpServers: {
              tools: { command: 'node', args: ['${PLUGIN_ROOT}/server.mjs'], env: { KEY: '${secret:TOOLS_KEY}' } },
              more: { type: 'http', url: 'https://example.org/mcp' },
            },
          }),
          'new.txt': '1',
        },
      }),
    );

  test(
    verifies(
      ['I4-upgrade', 'I4-lockfile'],
      'a plan shows what would change in tools, permissions and files, and changes nothing',
    ),
    async () => {
      expect(await plan()).toMatchObject([{ plugin: 'tools', state: 'current', change: null }]);
      const before = await state();
      const second = newer();
      const [item] = await plan();
      expect(item).toMatchObject({
        state: 'changed',
        change: {
          state: 'planned',
          from: { resolved: `github:o/tools#${first}` },
          to: { resolved: `github:o/tools#${second}` },
          difference: {
            version: { from: '1.0.0', to: '2.0.0' },
            servers: {
              added: ['more'],
              removed: [],
              changed: [{ name: 'tools', what: ['becomes required', 'variable KEY: none → ${secret:TOOLS_KEY}'] }],
            },
            permissions: { added: ['is given the secret TOOLS_KEY', 'reaches example.org'], removed: [] },
            skills: { added: [], removed: [] },
            files: { added: ['new.txt'], removed: [], changed: ['mcp.json', 'plugin.json'], more: 0 },
            instructionsChanged: false,
          },
        },
      });
      expect(await state()).toEqual(before);
    },
  );

  test(verifies('I4-upgrade', 'applied and proved: the new version stays'), async () => {
    const second = newer();
    const [{ change }] = await plan();
    // What was read is what is applied, whatever the source says by now.
    plane.git.remove('o/tools');
    expect((await plane.ask('POST', `${WAYS}/changes/${change.id}/apply`)).body.state).toBe('applied');
    const { generation } = await state();
    await box.beat({ generation, proofs: [live(true), { ...live(true), server: 'more' }] });
    const changes = await until(
      async () => (await plane.ask('GET', `${WAYS}/changes`)).body.items,
      ([latest]) => latest.state !== 'applied',
    );
    expect(changes[0]).toMatchObject({ state: 'proved', to: { resolved: `github:o/tools#${second}` } });
    expect((await plane.ask('GET', WAYS)).body.items[1]).toMatchObject({ name: 'tools', version: '2.0.0' });
    expect((await plane.ask('POST', `${WAYS}/changes/${change.id}/apply`)).body.code).toBe('plugin_change_stale');
  });

  test.each([
    ['a proof that fails', true],
    ['a proof that does not come', false],
  ])(verifies('I4-upgrade', '%s brings the old version back by itself'), async (_title, answers) => {
    const before = await state();
    newer();
    const [{ change }] = await plan();
    await plane.ask('POST', `${WAYS}/changes/${change.id}/apply`);
    const { generation } = await state();
    if (answers) await box.beat({ generation, proofs: [live(false)] });
    else plane.clock.pass(121_000);
    const changes = await until(
      async () => (await plane.ask('GET', `${WAYS}/changes`)).body.items,
      ([latest]) => latest.state !== 'applied',
    );
    expect(changes[0]).toMatchObject({
      state: 'rolled_back',
      reason: answers ? 'tools: live timeout' : 'it was not proved in time',
    });
    const after = await state();
    expect(after).toEqual({ ...before, generation: after.generation });
    expect(after.generation).toBe(generation + 1);
  });

  test(verifies('I4-upgrade', 'a plan for what is no longer there is stale'), async () => {
    newer();
    const [{ change }] = await plan();
    await plane.ask('DELETE', `${WAYS}/tools`);
    expect((await plane.ask('POST', `${WAYS}/changes/${change.id}/apply`)).body.code).toBe('plugin_change_stale');
  });

  test(
    verifies(
      ['I4-lockfile', 'I4-bad-digest'],
      'a lock goes out and into another workspace; one that does not fit installs nothing',
    ),
    async () => {
      const lock = (await plane.ask('GET', `${WAYS}/lock`)).body;
      expect(lock).toMatchObject({
        version: 1,
        plugins: [{ name: 'tools', source: 'github:o/tools#main', resolved: `github:o/tools#${first}` }],
      });
      newer();
      await plane.create('two');
      const imported = await plane.ask('PUT', '/api/v1/workspaces/two/plugins/lock', lock);
      expect(imported.body.items[1]).toMatchObject({ name: 'tools', version: '1.0.0', digest: lock.plugins[0].digest });
      expect((await plane.ask('GET', '/api/v1/workspaces/two/plugins/lock')).body).toEqual(lock);
      await plane.create('three');
      const wrong = { ...lock, plugins: [{ ...lock.plugins[0], digest: `sha256:${'0'.repeat(64)}` }] };
      expect((await plane.ask('PUT', '/api/v1/workspaces/three/plugins/lock', wrong)).body.code).toBe(
        'plugin_lock_mismatch',
      );
      expect((await plane.ask('GET', '/api/v1/workspaces/three/plugins')).body.items).toHaveLength(1);
    },
  );

  test(
    verifies('I4-upgrade', 'a source that fails does not stop the plan of the others; an exact one needs no look'),
    async () => {
      plane.git.commit('o/other', pluginFiles('other'));
      await plane.ask('POST', WAYS, { source: 'github:o/other' });
      const third = plane.git.commit('o/third', pluginFiles('third'));
      await plane.ask('POST', WAYS, { source: `github:o/third#${third}` });
      plane.git.remove('o/other');
      expect(
        (await plan()).map((item: { plugin: string; state: string; failure: { code: string } | null }) => [
          item.plugin,
          item.state,
          item.failure?.code ?? null,
        ]),
      ).toEqual([
        ['other', 'failed', 'plugin_fetch_failed'],
        ['third', 'pinned', null],
        ['tools', 'current', null],
      ]);
    },
  );
});

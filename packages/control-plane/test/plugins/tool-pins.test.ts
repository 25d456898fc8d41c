import { verifies } from '@molecule/testkit/verifies';
import { beforeEach, describe, expect, test } from 'vitest';
import { call } from '../plane.ts';
import type { TestBox } from '../test-box.ts';
import { type PluginPlane, pluginFiles, pluginPlane } from './plugin-plane.ts';

describe('tool surfaces', () => {
  let plane: PluginPlane;
  beforeEach(async () => {
    plane = await pluginPlane();
  });
  const proof = (server: string, surface: Record<string, string>) => ({
    server,
    rung: 'live',
    ok: true,
    reason: null,
    durationMs: 1,
    evidence: { tools: Object.keys(surface), surface },
  });
  const state = async (box: TestBox) =>
    (await call(plane.url, box.apiKey, 'GET', '/api/v1/registry/desired-state')).body;
  const serverOf = async (name: string) =>
    (await plane.ask('GET', '/api/v1/workspaces/one/plugins')).body.items.find(
      (item: { name: string }) => item.name === name,
    ).servers[0];
  const installed = async (required: boolean): Promise<TestBox> => {
    plane.git.commit('o/tools', pluginFiles('tools', { required }));
    const { box } = await plane.box('one');
    await plane.ask('POST', '/api/v1/workspaces/one/plugins', { source: 'github:o/tools' });
    const { generation } = await state(box);
    await box.beat({ generation, proofs: [proof('tools', { read: 'd1', write: 'd2' })] });
    return box;
  };

  test(
    verifies(
      'I4-tool-pin',
      'what was proved at install is recorded; a change of an ordinary server is flagged and it works on',
    ),
    async () => {
      const box = await installed(false);
      expect(await serverOf('tools')).toMatchObject({ tools: 'pinned', change: null });
      const { generation } = await state(box);
      await box.beat({ generation, proofs: [proof('tools', { read: 'OTHER', remove: 'd3' })] });
      expect(await serverOf('tools')).toMatchObject({
        tools: 'flagged',
        change: { added: ['remove'], removed: ['write'], changed: ['read'] },
      });
      expect((await state(box)).servers.map(({ name }: { name: string }) => name)).toEqual(['a2a', 'tools']);
      const events = await plane.db.selectFrom('events').select('data').where('type', '=', 'plugin.changed').execute();
      expect(events.map(({ data }) => data)).toMatchObject([
        { plugin: 'tools', server: 'tools', tools: 'flagged', added: ['remove'] },
      ]);
      await box.beat({ generation, proofs: [proof('tools', { read: 'd1', write: 'd2' })] });
      expect(await serverOf('tools')).toMatchObject({ tools: 'pinned', change: null });
    },
  );

  test(
    verifies(
      'I4-tool-pin',
      'a required server is held: the agent no longer has it, the gate closes, until a person accepts',
    ),
    async () => {
      const box = await installed(true);
      await box.beat({
        generation: (await state(box)).generation,
        proofs: [{ ...proof('a2a', { x: '1' }), server: 'a2a' }],
      });
      const before = await state(box);
      await box.beat({ generation: before.generation, proofs: [proof('tools', { read: 'd1', write: 'CHANGED' })] });
      const held = await state(box);
      expect(held.generation).toBeGreaterThan(before.generation);
      expect([held.servers, held.held].map((list) => list.map(({ name }: { name: string }) => name))).toEqual([
        ['a2a'],
        ['tools'],
      ]);
      const workspace = (await plane.ask('GET', '/api/v1/workspaces/one')).body;
      expect(workspace.status).not.toBe('online');
      expect(workspace).toMatchObject({ signals: { capability: { status: 'failed' } } });
      expect(workspace.signals.capability.message).toContain('tools_held');
      expect((await plane.ask('POST', '/api/v1/workspaces/one/plugins/servers/tools/accept')).status).toBe(200);
      expect((await state(box)).servers.map(({ name }: { name: string }) => name)).toEqual(['a2a', 'tools']);
      expect((await plane.ask('POST', '/api/v1/workspaces/one/plugins/servers/tools/accept')).body.code).toBe(
        'plugin_tools_not_held',
      );
      expect(
        await plane.db.selectFrom('audit').select('action').where('action', '=', 'plugin.tools_accepted').execute(),
      ).toHaveLength(1);
    },
  );

  test(verifies('I4-tool-pin', 'another artifact records anew, and nothing waits for the old one'), async () => {
    const box = await installed(true);
    await box.beat({ generation: (await state(box)).generation, proofs: [proof('tools', { read: 'CHANGED' })] });
    expect(await serverOf('tools')).toMatchObject({ tools: 'held' });
    plane.git.commit('o/tools', pluginFiles('tools', { required: true, version: '2.0.0' }));
    await plane.ask('POST', '/api/v1/workspaces/one/plugins', { source: 'github:o/tools' });
    const { generation } = await state(box);
    await box.beat({ generation, proofs: [proof('tools', { fresh: 'd9' })] });
    expect(await serverOf('tools')).toMatchObject({ tools: 'pinned' });
    expect((await plane.ask('GET', '/api/v1/inbox')).body.items).toEqual([]);
  });

  test(
    verifies('I4-tool-pin', 'what was recorded outlives the plugin: installed again, it is held to the same tools'),
    async () => {
      const box = await installed(true);
      const surface = { read: 'd1', write: 'CHANGED' };
      await box.beat({ generation: (await state(box)).generation, proofs: [proof('tools', surface)] });
      expect(await serverOf('tools')).toMatchObject({ tools: 'held' });
      // Another plugin has a server of that name meanwhile: it is judged by its own tools.
      await plane.ask('DELETE', '/api/v1/workspaces/one/plugins/tools');
      plane.git.commit('o/others', pluginFiles('tools', { required: true, version: '9.9.9' }));
      await plane.ask('POST', '/api/v1/workspaces/one/plugins', { source: 'github:o/others' });
      await box.beat({ generation: (await state(box)).generation, proofs: [proof('tools', surface)] });
      expect(await serverOf('tools')).toMatchObject({ tools: 'pinned' });
      await plane.ask('DELETE', '/api/v1/workspaces/one/plugins/tools');
      await plane.ask('POST', '/api/v1/workspaces/one/plugins', { source: 'github:o/tools' });
      expect((await plane.ask('GET', '/api/v1/inbox')).body.items).toEqual([]);
      await box.beat({ generation: (await state(box)).generation, proofs: [proof('tools', surface)] });
      expect(await serverOf('tools')).toMatchObject({ tools: 'held' });
      expect((await state(box)).held.map(({ name }: { name: string }) => name)).toEqual(['tools']);
      expect((await plane.ask('POST', '/api/v1/workspaces/one/plugins/servers/tools/accept')).status).toBe(200);
      expect(await serverOf('tools')).toMatchObject({ tools: 'pinned' });
    },
  );
});

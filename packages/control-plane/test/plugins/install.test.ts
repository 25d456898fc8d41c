import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { readTree, treeDigest } from '@molecule/plugins';
import { mintToken } from '@molecule/store';
import { verifies } from '@molecule/testkit/verifies';
import { extract } from 'tar';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { npmArchive } from '../../../plugins/test/servers/archive.ts';
import { call, until } from '../plane.ts';
import { type PluginPlane, pluginFiles, pluginPlane } from './plugin-plane.ts';

describe('installing on a workspace', () => {
  let plane: PluginPlane;
  beforeEach(async () => {
    plane = await pluginPlane();
  });
  const plugins = async (id: string) => (await plane.ask('GET', `/api/v1/workspaces/${id}/plugins`)).body.items;
  const desired = async (apiKey: string) =>
    (await call(plane.url, apiKey, 'GET', '/api/v1/registry/desired-state')).body;

  test(
    verifies(
      ['I4-install', 'I4-resolve-once', 'I4-digest', 'B46', 'I19'],
      'resolved once, locked to a commit, told to the box, and served by digest',
    ),
    async () => {
      const commit = plane.git.commit('o/tools', pluginFiles('tools'), { tag: 'v1' });
      const { id, box } = await plane.box('one');
      const before = (await desired(box.apiKey)).generation;
      const installed = await plane.ask('POST', `/api/v1/workspaces/one/plugins`, { source: 'github:o/tools#v1' });
      expect(installed).toMatchObject({
        status: 201,
        body: {
          plugin: {
            name: 'tools',
            resolved: `github:o/tools#${commit}`,
            origin: 'installed',
            state: 'ready',
            privileged: false,
          },
          proof: { state: 'pending' },
        },
      });
      const state = await desired(box.apiKey);
      expect(state.generation).toBe(before + 1);
      expect(state.servers.map(({ name }: { name: string }) => name)).toEqual(['a2a', 'tools']);
      expect(state.artifacts).toMatchObject([
        { plugin: 'tools', digest: installed.body.plugin.digest, skills: ['skills/tools-skill'], setup: null },
      ]);
      // As a box does it: fetch, unpack, compare.
      const response = await fetch(`${plane.url}/api/v1/artifacts/${installed.body.plugin.digest}`, {
        headers: { authorization: `Bearer ${box.apiKey}` },
      });
      const folder = mkdtempSync(join(tmpdir(), 'molecule-artifact-'));
      onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
      await pipeline(
        Readable.from([Buffer.from(await response.arrayBuffer())]),
        extract({ cwd: folder, strict: true }),
      );
      expect(treeDigest(await readTree(folder))).toBe(installed.body.plugin.digest);
      expect((await call(plane.url, box.apiKey, 'GET', `/api/v1/artifacts/sha256:${'0'.repeat(64)}`)).body.code).toBe(
        'artifact_not_found',
      );
      expect(
        (await plane.ask('GET', `/api/v1/workspaces/${id}/plugins`)).body.items.map(
          ({ name }: { name: string }) => name,
        ),
      ).toEqual(['a2a', 'tools']);
    },
  );

  test(
    verifies(['I4-install', 'I4-ways'], 'the answer waits for the proof, and says which server failed'),
    async () => {
      plane.npm.publish('tools', '1.0.0', npmArchive(pluginFiles('tools')));
      const { box } = await plane.box('one');
      const asking = plane.ask('POST', '/api/v1/workspaces/one/plugins', {
        source: 'npm:tools@1.0.0',
        waitSeconds: 10,
      });
      const { generation } = await until(
        () => desired(box.apiKey),
        ({ servers }) => servers.length === 2,
      );
      const live = { server: 'tools', rung: 'live', ok: false, reason: 'timeout', evidence: {}, durationMs: 1 };
      await box.beat({ generation, proofs: [live] });
      expect((await asking).body.proof).toMatchObject({
        state: 'failed',
        generation,
        problems: ['tools: live timeout'],
      });
      await box.beat({ generation, proofs: [{ ...live, ok: true, reason: null }] });
      const again = plane.ask('POST', '/api/v1/workspaces/one/plugins', { source: 'npm:tools@1.0.0', waitSeconds: 10 });
      await until(
        () => desired(box.apiKey),
        (state) => state.generation > generation,
      );
      await box.beat({ generation: generation + 1, proofs: [{ ...live, ok: true, reason: null }] });
      expect((await again).body.proof.state).toBe('proved');
    },
  );

  test(
    verifies(
      ['I4-outage', 'I4-bad-digest', 'I4-bad-source'],
      'an outage, a moved tag or a vanished repository changes nothing for what is installed',
    ),
    async () => {
      plane.git.commit('o/tools', pluginFiles('tools'), { tag: 'v1' });
      const { box } = await plane.box('one');
      const { digest } = (await plane.ask('POST', '/api/v1/workspaces/one/plugins', { source: 'github:o/tools#v1' }))
        .body.plugin;
      const state = await desired(box.apiKey);
      plane.git.commit('o/tools', { 'server.mjs': 'evil' }, { moveTag: 'v1' });
      plane.git.remove('o/tools');
      plane.git.behave('hang');
      const other = await plane.replica();
      expect((await call(other.url, box.apiKey, 'GET', '/api/v1/registry/desired-state')).body).toEqual(state);
      expect(
        (await fetch(`${other.url}/api/v1/artifacts/${digest}`, { headers: { authorization: `Bearer ${box.apiKey}` } }))
          .status,
      ).toBe(200);
      plane.git.behave('gone');
      const failed = await plane.ask('POST', '/api/v1/workspaces/one/plugins', { source: 'github:o/tools#v2' });
      expect(failed).toMatchObject({
        status: 502,
        body: { code: 'plugin_fetch_failed', params: { reason: 'not_found' } },
      });
      expect(await desired(box.apiKey)).toEqual(state);
    },
  );

  test(
    verifies(['I4-uninstall', 'B62'], 'uninstalling takes it out of the desired state; what is protected stays'),
    async () => {
      plane.git.commit('o/tools', pluginFiles('tools'));
      const { id, box } = await plane.box('one');
      const before = await desired(box.apiKey);
      await plane.ask('POST', '/api/v1/workspaces/one/plugins', { source: 'github:o/tools' });
      expect(await plane.ask('DELETE', '/api/v1/workspaces/one/plugins/tools')).toMatchObject({
        status: 200,
        body: { name: 'tools' },
      });
      expect(await desired(box.apiKey)).toEqual({ ...before, generation: before.generation + 2 });
      expect((await plane.ask('DELETE', `/api/v1/workspaces/${id}/plugins/tools`)).body.code).toBe('plugin_not_found');
      expect((await plane.ask('DELETE', `/api/v1/workspaces/${id}/plugins/a2a`)).body.code).toBe('plugin_protected');
      expect((await plane.ask('POST', `/api/v1/workspaces/${id}/plugins`, { source: 'builtin:a2a' })).body.code).toBe(
        'plugin_protected',
      );
      expect((await plugins(id)).map(({ name }: { name: string }) => name)).toEqual(['a2a']);
    },
  );

  test(verifies(['I4-uninstall', 'I4-install'], 'a box that is warm is told at once'), async () => {
    plane.git.commit('o/tools', pluginFiles('tools'));
    const host = await plane.host(plane);
    const id = await plane.create('two');
    const start = await host.next('start', id).catch(() => null);
    if (start === null) throw new Error('the second host got no box');
    await plane.ask('POST', '/api/v1/workspaces/two/plugins', { source: 'github:o/tools' });
    expect(await host.next('beat', id)).toMatchObject({ type: 'beat', workspaceId: id });
  });

  test(
    verifies(['I4-ways'], 'the management tools install, list and uninstall through the same function'),
    async () => {
      plane.git.commit('o/tools', pluginFiles('tools'));
      const { box } = await plane.box('one');
      const token = await managementToken(plane);
      expect(
        await plane.tool('install_plugin', { workspace: 'one', source: 'github:o/tools', wait_seconds: 0 }, token),
      ).toMatchObject({ isError: false, value: { plugin: { name: 'tools' } } });
      const listed = await plane.tool('list_plugins', { workspace: 'one' }, token);
      expect(listed.value).toMatchObject({ items: [{ name: 'a2a' }, { name: 'tools', origin: 'installed' }] });
      expect((await desired(box.apiKey)).servers).toHaveLength(2);
      expect(
        await plane.tool('uninstall_plugin', { workspace: 'one', plugin: 'tools', wait_seconds: 0 }, token),
      ).toMatchObject({ isError: false, value: { name: 'tools' } });
      expect((await desired(box.apiKey)).servers).toHaveLength(1);
    },
  );
});

async function managementToken(plane: PluginPlane): Promise<string> {
  return (
    await mintToken(plane.db, {
      orgId: plane.orgId,
      kind: 'person',
      name: 'agent',
      scopes: ['mcp:management', 'plugins:read', 'plugins:write', 'workspaces:read'],
      userId: null,
    })
  ).value;
}

import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { adapterFor, knownRuntimes } from '@molecule/adapters';
import { readTree, treeDigest } from '@molecule/plugins';
import { verifies } from '@molecule/testkit/verifies';
import { afterEach, expect, test } from 'vitest';
import { type Bench, openBench, PROGRAMS, until, workspace } from './harness.ts';

let bench: Bench;
afterEach(async () => {
  expect(bench.plane.violations).toEqual([]);
  await bench.close();
});

test.each(knownRuntimes())(
  verifies(
    ['B65', 'B69', 'T38', 'B41', 'B37'],
    'boots a box of the real runtime %s: rendered, read back equal, live with its environment',
  ),
  async (runtime) => {
    bench = await openBench({ adapters: knownRuntimes().map(adapterFor), sandbox: 'auto' });
    const box = workspace(
      { runtime, kind: 'platform', providerPin: 'platform' },
      { secrets: { SEARCH_KEY: 'a-search-secret' }, orgApiKey: 'org-key-value', nonce: 'nonce-for-this-boot' },
    );
    const plugin = join(bench.dataDir, 'plugin-source');
    mkdirSync(plugin);
    copyFileSync(join(PROGRAMS, 'mcp-server.mjs'), join(plugin, 'server.mjs'));
    const digest = treeDigest(await readTree(plugin));
    bench.plane.artifacts.set(digest, plugin);
    const descriptor = {
      type: 'stdio',
      command: 'node',
      args: ['./server.mjs', '--name', 'platform', '--tools', 'provision_workspace,list_workspaces'],
      env: { MOLECULE_MCP_MODE: 'management', TOKEN: '${secret:SEARCH_KEY}' },
    };
    box.desired = {
      ...box.desired,
      artifacts: [{ plugin: 'molecule-platform-mcp', digest, sizeBytes: 1, skills: [], required: true } as never],
      servers: [
        {
          name: 'molecule-platform',
          plugin: 'molecule-platform-mcp',
          descriptor,
          required: true,
          witnessed: true,
          requiredTools: ['provision_workspace'],
        } as never,
        {
          name: 'over-http',
          plugin: 'web',
          descriptor: {
            type: 'http',
            url: `${bench.plane.url}/mcp`,
            headers: { Authorization: 'Bearer ${SEARCH_KEY}' },
          },
          required: true,
          requiredTools: ['provision_workspace'],
          witnessed: false,
        } as never,
      ],
    };
    bench.plane.add(box);
    const register = await until('the registration', () => box.registers[0]);
    const bad = register.proofs.filter(({ ok }) => !ok);
    expect(bad).toEqual([]);
    expect(register).toMatchObject({
      mcp_server_present: true,
      mcp_tools_ready: true,
      identity_digest: 'sha256:identity',
      isolation: { mechanism: 'bubblewrap' },
    });
    expect(register.loaded_mcp_tools).toContain('mcp__molecule-platform__provision_workspace');
    const launch = bench.launches(box)[0];
    expect(launch).toMatchObject({ nonce: 'nonce-for-this-boot', token: 'a-search-secret', cwd: bench.box(box).work });
    expect(bench.plane.mcpHeaders.every(({ authorization }) => authorization === 'Bearer a-search-secret')).toBe(true);
    // Nothing that is on the disk or went over the wire holds a secret's value.
    const adapter = adapterFor(runtime);
    const { home, work, run } = bench.box(box);
    for (const { path } of adapter.nativeFiles({ root: `${home}/..`, home, work, run, owner: 'box' }))
      expect(readFileSync(path, 'utf8')).not.toMatch(/a-search-secret|org-key-value|nonce-for-this-boot/);
    await until('the boot events', () => box.bootEvents.some(({ step }) => step === 'register'));
    expect(JSON.stringify([box.registers, box.beats, box.bootEvents])).not.toMatch(
      /a-search-secret|org-key-value|nonce-for-this-boot/,
    );
  },
);

import { execFileSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifies } from '@molecule/testkit/verifies';
import { afterEach, describe, expect, test } from 'vitest';
import { type GitServer, gitServer } from '../servers/git-server.ts';
import { PLUGIN_FILES, workbench } from './workbench.ts';

const CREDENTIAL = 'reader:s3cr3t-of-the-test';

describe('git sources against a real server', () => {
  const servers: GitServer[] = [];
  const open = async (options: Parameters<typeof gitServer>[0] = {}): Promise<GitServer> => {
    const server = await gitServer(options);
    servers.push(server);
    return server;
  };
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.close();
  });

  test(
    verifies(
      ['I4-git-server', 'I4-resolve-once', 'B34', 'B60'],
      'a branch, a tag, a commit and the default each resolve to one exact commit and one digest',
    ),
    async () => {
      const server = await open();
      const commit = server.commit('o/tools', PLUGIN_FILES, { tag: 'v1' });
      const { resolver } = workbench();
      const seen = await Promise.all(
        ['#main', '#v1', `#${commit}`, ''].map((ref) => resolver.resolve(`git+${server.url}/o/tools${ref}`)),
      );
      for (const plugin of seen) {
        expect(plugin.resolved).toBe(`git+${server.url}/o/tools#${commit}`);
        expect(plugin).toMatchObject({
          digest: seen[0]?.digest,
          fileCount: 4,
          manifest: {
            name: 'demo-tools',
            servers: [{ name: 'demo', required: true, requiredTools: ['ping'] }],
            skills: [{ name: 'one', path: 'skills/one' }],
          },
        });
      }
      expect(server.requests.every(({ authorization }) => authorization === undefined)).toBe(true);
    },
  );

  test(
    verifies(['I4-sources', 'I4-resolve-once'], 'a folder of a repository is a plugin of its own; file modes count'),
    async () => {
      const server = await open();
      const nested = Object.fromEntries(
        Object.entries(PLUGIN_FILES).map(([path, content]) => [`plugins/demo/${path}`, content]),
      );
      server.commit(
        'o/many',
        { 'README.md': 'many', ...nested, 'plugins/demo/run.sh': '#!/bin/sh\n' },
        { executable: ['plugins/demo/run.sh'] },
      );
      const { resolver, store } = workbench();
      const plugin = await resolver.resolve(`git+${server.url}/o/many.git#main:plugins/demo`);
      expect(plugin.resolved).toMatch(/#[0-9a-f]{40}:plugins\/demo$/);
      const files = await store.read(plugin.digest);
      expect(files?.map(({ path, executable }) => `${path}${executable ? '*' : ''}`).sort()).toEqual([
        'mcp.json',
        'plugin.json',
        'run.sh*',
        'server.mjs',
        'skills/one/SKILL.md',
      ]);
      await expect(resolver.resolve(`git+${server.url}/o/many.git#main:plugins/none`)).rejects.toMatchObject({
        code: 'plugin_fetch_failed',
        params: { reason: 'folder_not_found' },
      });
    },
  );

  test(
    verifies(
      ['I4-sources', 'B35'],
      'gitea: and github: sources resolve against the configured bases and stay without a host',
    ),
    async () => {
      const server = await open();
      const commit = server.commit('o/tools', PLUGIN_FILES);
      const { resolver } = workbench({ giteaUrl: server.url, githubUrl: server.url, allowPrivateAddresses: false });
      expect((await resolver.resolve('gitea://o/tools#main')).resolved).toBe(`gitea://o/tools#${commit}`);
      expect((await resolver.resolve('github:o/tools')).resolved).toBe(`github:o/tools#${commit}`);
      await expect(workbench().resolver.resolve('gitea://o/tools#main')).rejects.toMatchObject({
        code: 'plugin_source_invalid',
      });
    },
  );

  test(
    verifies(
      ['I4-credential', 'I45', 'B60', 'I19'],
      "a private repository: anonymous first, then the machine's credential, which is in no argument, address or log",
    ),
    async () => {
      const server = await open({ credential: CREDENTIAL });
      server.commit('o/private', PLUGIN_FILES);
      const { resolver, folder } = workbench();
      writeFileSync(
        join(folder, 'git-credentials'),
        `https://other:x@example.org\n${server.url.replace('//', `//${CREDENTIAL}@`)}\n`,
        { mode: 0o600 },
      );
      const seen: string[] = [];
      const watching = setInterval(() => seen.push(execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })), 5);
      const plugin = await resolver.resolve(`git+${server.url}/o/private#main`).finally(() => clearInterval(watching));
      expect(plugin.manifest.name).toBe('demo-tools');
      expect(server.requests[0]?.authorization).toBeUndefined();
      expect(server.requests.some(({ authorization }) => authorization !== undefined)).toBe(true);
      expect(seen.some((list) => list.includes('git'))).toBe(true);
      expect(seen.join()).not.toContain('s3cr3t');
      expect(JSON.stringify(plugin)).not.toContain('s3cr3t');
      expect(
        readdirSync(tmpdir()).filter(
          (name) => name.startsWith('molecule-fetch-') && readdirSync(join(tmpdir(), name)).includes('credentials'),
        ),
      ).toEqual([]);
    },
  );

  test(
    verifies(
      ['T43', 'B61', 'I24', 'I4-git-server'],
      'without a credential it fails fast with a typed error; with a wrong one it says so and does not show it',
    ),
    async () => {
      const server = await open({ credential: CREDENTIAL });
      server.commit('o/private', PLUGIN_FILES);
      const { resolver, folder, kept } = workbench();
      const started = performance.now();
      await expect(resolver.resolve(`git+${server.url}/o/private#main`)).rejects.toMatchObject({
        code: 'plugin_fetch_failed',
        params: { reason: 'credential_needed' },
      });
      expect(performance.now() - started).toBeLessThan(30_000);
      writeFileSync(join(folder, 'git-credentials'), server.url.replace('//', '//reader:wr0ng@'));
      const refusal = await resolver.resolve(`git+${server.url}/o/private#main`).catch((error: unknown) => error);
      expect(refusal).toMatchObject({ code: 'plugin_fetch_failed', params: { reason: 'credential_refused' } });
      expect(`${String(refusal)}${JSON.stringify(refusal)}`).not.toContain('wr0ng');
      expect(kept()).toEqual([]);
    },
  );

  test(verifies(['I4-bad-source', 'B61'], 'a missing repository, ref or server each has its own reason'), async () => {
    const server = await open();
    server.commit('o/tools', PLUGIN_FILES);
    const { resolver, kept } = workbench();
    const reason = (source: string): Promise<unknown> =>
      resolver.resolve(source).then(
        () => 'resolved',
        (error: { params?: { reason?: string } }) => error.params?.reason,
      );
    expect(await reason(`git+${server.url}/o/none#main`)).toBe('not_found');
    expect(await reason(`git+${server.url}/o/tools#none`)).toBe('ref_not_found');
    expect(await reason(`git+${server.url}/o/tools#${'0'.repeat(40)}`)).toBe('ref_not_found');
    expect(await reason('git+http://127.0.0.1:9/o/tools#main')).toBe('unreachable');
    expect(kept()).toEqual([]);
  });

  test(
    verifies(
      ['I4-bad-source', 'B60', 'B61'],
      'a server that hangs is left within the bound, and nothing of git stays behind',
    ),
    async () => {
      const server = await open();
      server.commit('o/tools', PLUGIN_FILES);
      server.behave('hang');
      const { resolver } = workbench({ timeoutMs: 600 });
      const started = performance.now();
      await expect(resolver.resolve(`git+${server.url}/o/tools#main`)).rejects.toMatchObject({
        code: 'plugin_fetch_failed',
        params: { reason: 'timeout' },
      });
      expect(performance.now() - started).toBeLessThan(30_000);
      expect(execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })).not.toContain(server.url);
    },
  );

  test(
    verifies(
      ['I4-bad-digest', 'I4-resolve-once'],
      'a tag that moved does not change what was resolved; resolving it anew shows another commit',
    ),
    async () => {
      const server = await open();
      const first = server.commit('o/tools', PLUGIN_FILES, { tag: 'v1' });
      const { resolver } = workbench();
      const before = await resolver.resolve(`git+${server.url}/o/tools#v1`);
      const second = server.commit('o/tools', { 'server.mjs': 'evil();\n' }, { moveTag: 'v1' });
      const again = await resolver.resolve(before.resolved);
      expect([again.digest, again.resolved]).toEqual([before.digest, `git+${server.url}/o/tools#${first}`]);
      const moved = await resolver.resolve(`git+${server.url}/o/tools#v1`);
      expect(moved.resolved).toContain(second);
      expect(moved.digest).not.toBe(before.digest);
    },
  );

  test(
    verifies(
      ['I4-bad-archive', 'I4-limits'],
      'links, submodules, case collisions and packages over a limit are refused and leave nothing',
    ),
    async () => {
      const server = await open();
      const { resolver, kept } = workbench({
        limits: {
          files: 5,
          totalBytes: 100_000,
          fileBytes: 50_000,
          pathBytes: 60,
          depth: 4,
          ratio: 100,
          packedBytes: 1_000_000,
        },
      });
      const refused = async (repo: string, files: Record<string, string | Buffer>): Promise<string> => {
        server.commit(repo, { 'plugin.json': PLUGIN_FILES['plugin.json'], ...files });
        return resolver.resolve(`git+${server.url}/${repo}#main`).then(
          () => 'resolved',
          (error: { code: string; message: string }) => `${error.code}: ${error.message}`,
        );
      };
      expect(await refused('o/link', { out: 'link:/etc/passwd' })).toMatch(/plugin_limit_exceeded: .*"out" is a link/);
      expect(await refused('o/case', { 'A/x': '1', 'a/y': '2' })).toMatch(/plugin_limit_exceeded: .*same path/);
      expect(await refused('o/many', { a: '1', b: '1', c: '1', d: '1', e: '1' })).toMatch(
        /plugin_limit_exceeded: .*more than 5 files/,
      );
      expect(await refused('o/large', { a: 'x'.repeat(60_000) })).toMatch(
        /plugin_limit_exceeded: .*larger than 50000 bytes/,
      );
      expect(await refused('o/deep', { 'a/b/c/d/e': '1' })).toMatch(/plugin_limit_exceeded: .*deeper than 4/);
      expect(await refused('o/long', { [`${'a'.repeat(70)}`]: '1' })).toMatch(
        /plugin_limit_exceeded: .*longer than 60 bytes/,
      );
      expect(kept()).toEqual([]);
    },
  );

  test(verifies(['I4-limits', 'I4-bad-archive'], 'a pack that never ends is cut off by its size'), async () => {
    const server = await open();
    const noise = Buffer.from(Array.from({ length: 400_000 }, (_, at) => ((at * 2_654_435_761) % 251) ^ (at >> 7)));
    server.commit('o/huge', { 'plugin.json': PLUGIN_FILES['plugin.json'], noise });
    const { resolver } = workbench({
      limits: {
        files: 10,
        totalBytes: 10_000_000,
        fileBytes: 10_000_000,
        pathBytes: 200,
        depth: 5,
        ratio: 100,
        packedBytes: 10_240,
      },
    });
    expect(await resolver.resolve(`git+${server.url}/o/huge#main`).then(String, String)).toMatch(
      /pack is larger than 10240 bytes/,
    );
  });

  test(
    verifies(['I4-sources', 'B60'], 'internal addresses and plain http are refused unless the operator permits them'),
    async () => {
      const server = await open();
      server.commit('o/tools', PLUGIN_FILES);
      const { resolver } = workbench({ allowPrivateAddresses: false });
      for (const source of [
        `git+${server.url}/o/tools#main`,
        `git+https://127.0.0.1:${new URL(server.url).port}/o/tools`,
        'git+https://[::1]/o/tools',
        'git+https://localhost/o/t',
        'git+https://169.254.169.254/latest/meta',
        'git+https://[::ffff:10.0.0.1]/o/t',
      ]) {
        await expect(resolver.resolve(source)).rejects.toMatchObject({
          code: 'plugin_fetch_failed',
          params: { reason: 'address_refused' },
        });
      }
      expect(server.requests).toEqual([]);
    },
  );

  test(verifies('I4-resolve-once', 'many that ask for the same at once share one fetch'), async () => {
    const server = await open();
    server.commit('o/tools', PLUGIN_FILES);
    const { resolver } = workbench();
    await Promise.all(Array.from({ length: 8 }, () => resolver.resolve(`git+${server.url}/o/tools#main`)));
    expect(server.requests.filter(({ path }) => path.endsWith('/info/refs'))).toHaveLength(1);
  });
});

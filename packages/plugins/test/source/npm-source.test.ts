import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { verifies } from '@molecule/testkit/verifies';
import { afterEach, describe, expect, test } from 'vitest';
import { archive, npmArchive } from '../servers/archive.ts';
import { type NpmRegistry, npmRegistry } from '../servers/npm-registry.ts';
import { PLUGIN_FILES, workbench } from './workbench.ts';

describe('npm sources against a real registry', () => {
  const registries: NpmRegistry[] = [];
  const open = async (options: Parameters<typeof npmRegistry>[0] = {}): Promise<NpmRegistry> => {
    const registry = await npmRegistry(options);
    registries.push(registry);
    return registry;
  };
  afterEach(async () => {
    for (const registry of registries.splice(0)) await registry.close();
  });
  const reasonOf = (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => 'resolved',
      (error: { code: string; params: { reason?: string } }) => error.params.reason ?? error.code,
    );

  test(
    verifies(
      ['I4-npm-server', 'I4-resolve-once', 'I4-sources'],
      'an exact version, a tag and the default resolve to one exact version, checked against its integrity',
    ),
    async () => {
      const registry = await open();
      registry.publish('@acme/demo', '1.0.0', npmArchive({ ...PLUGIN_FILES, old: '1' }));
      registry.publish('@acme/demo', '1.1.0', npmArchive(PLUGIN_FILES), { tag: 'next' });
      const { resolver } = workbench({ npmRegistry: registry.url });
      expect(await resolver.resolve('npm:@acme/demo@1.0.0')).toMatchObject({
        resolved: 'npm:@acme/demo@1.0.0',
        fileCount: 5,
        manifest: { name: 'demo-tools' },
        integrity: expect.stringMatching(/^sha512-/),
      });
      expect((await resolver.resolve('npm:@acme/demo@next')).resolved).toBe('npm:@acme/demo@1.1.0');
      expect((await resolver.resolve('npm:@acme/demo')).resolved).toBe('npm:@acme/demo@1.0.0');
      expect(await reasonOf(resolver.resolve('npm:@acme/demo@9.9.9'))).toBe('version_not_found');
      expect(await reasonOf(resolver.resolve('npm:@acme/none@1.0.0'))).toBe('not_found');
      expect(await reasonOf(resolver.resolve('npm:@acme/demo@constructor'))).toBe('version_not_found');
    },
  );

  test(
    verifies(
      'I4-npm-server',
      "the registry and the credential come from the machine's npm configuration; anonymous first",
    ),
    async () => {
      const registry = await open({ token: 't0ken-of-the-test' });
      registry.publish('@acme/demo', '1.0.0', npmArchive(PLUGIN_FILES));
      const { resolver, folder } = workbench();
      const host = new URL(registry.url).host;
      writeFileSync(join(folder, '.npmrc'), `@acme:registry=${registry.url}/\n`);
      expect(await reasonOf(resolver.resolve('npm:@acme/demo@1.0.0'))).toBe('credential_needed');
      writeFileSync(
        join(folder, '.npmrc'),
        `@acme:registry=${registry.url}/\n//${host}/:_authToken=t0ken-of-the-test\n`,
      );
      const plugin = await resolver.resolve('npm:@acme/demo@1.0.0');
      expect(plugin.manifest.name).toBe('demo-tools');
      expect(JSON.stringify(plugin)).not.toContain('t0ken');
      const [first, ...later] = registry.requests.slice(1);
      expect(first?.authorization).toBeUndefined();
      expect(later.some(({ authorization }) => authorization === 'Bearer t0ken-of-the-test')).toBe(true);
      writeFileSync(join(folder, '.npmrc'), `@acme:registry=${registry.url}/\n//${host}/:_authToken=wr0ng\n`);
      expect(await reasonOf(resolver.resolve('npm:@acme/demo@1.0.0'))).toBe('credential_refused');
    },
  );

  test(
    verifies(
      ['I4-bad-digest', 'I4-npm-server'],
      'an archive that is not the published one is refused, and nothing is kept',
    ),
    async () => {
      const registry = await open();
      registry.publish('demo', '1.0.0', npmArchive(PLUGIN_FILES));
      registry.replaceTarball('demo', '1.0.0', npmArchive({ ...PLUGIN_FILES, 'server.mjs': 'evil();' }));
      registry.publish('bare', '1.0.0', npmArchive(PLUGIN_FILES), { integrity: null });
      const { resolver, kept } = workbench({ npmRegistry: registry.url });
      expect(await reasonOf(resolver.resolve('npm:demo@1.0.0'))).toBe('integrity');
      expect(await reasonOf(resolver.resolve('npm:bare@1.0.0'))).toBe('integrity');
      expect(kept()).toEqual([]);
    },
  );

  test.each(['hang', 'hang-tarball'] as const)(
    verifies(['I4-bad-source', 'B61'], 'a registry that does %s is left within the bound while another source goes on'),
    async (how) => {
      const [slow, fast] = [await open(), await open()];
      slow.publish('demo', '1.0.0', npmArchive(PLUGIN_FILES));
      fast.publish('demo', '1.0.0', npmArchive(PLUGIN_FILES));
      slow.behave(how);
      const [hanging, healthy] = [
        workbench({ npmRegistry: slow.url, timeoutMs: 500 }),
        workbench({ npmRegistry: fast.url }),
      ];
      const started = performance.now();
      const [refused, resolved] = await Promise.all([
        reasonOf(hanging.resolver.resolve('npm:demo@1.0.0')),
        healthy.resolver.resolve('npm:demo@1.0.0'),
      ]);
      expect([refused, resolved.manifest.name]).toEqual(['timeout', 'demo-tools']);
      expect(performance.now() - started).toBeLessThan(30_000);
      expect(hanging.kept()).toEqual([]);
    },
  );

  test(
    verifies('I4-sources', 'a tarball elsewhere must be public: the registry cannot send us inside the network'),
    async () => {
      const [registry, inside] = [await open(), await open()];
      inside.publish('demo', '1.0.0', npmArchive(PLUGIN_FILES));
      registry.publish('demo', '1.0.0', npmArchive(PLUGIN_FILES), {
        tarballUrl: `${inside.url}/demo/-/demo-1.0.0.tgz`,
      });
      const { resolver } = workbench({ npmRegistry: registry.url, allowPrivateAddresses: false });
      expect(await reasonOf(resolver.resolve('npm:demo@1.0.0'))).toBe('address_refused');
      expect(inside.requests).toEqual([]);
    },
  );

  const base = Object.entries(PLUGIN_FILES).map(([path, content]) => ({ path: `package/${path}`, content }));
  test.each([
    ['a path that climbs', [...base, { path: 'package/../../evil', content: 'x' }], /leads out/],
    ['a path that climbs in what is stripped', [...base, { path: '../evil/x', content: 'x' }], /leads out/],
    ['an absolute path', [...base, { path: '/etc/evil', content: 'x' }], /not a path inside|leads out/],
    ['a drive letter', [...base, { path: 'package/C:/evil', content: 'x' }], /not a path inside/],
    ['a backslash', [...base, { path: 'package/a\\..\\..\\evil', content: 'x' }], /no place in a path/],
    ['a link', [...base, { path: 'package/l', type: 'SymbolicLink' as const, linkpath: '../../../etc' }], /is a link/],
    ['a hard link', [...base, { path: 'package/l', type: 'Link' as const, linkpath: '/etc/passwd' }], /is a link/],
    ['a device', [...base, { path: 'package/d', type: 'CharacterDevice' as const }], /special file/],
    ['a pipe', [...base, { path: 'package/p', type: 'FIFO' as const }], /special file/],
    ['two paths that differ in case', [...base, { path: 'package/Server.mjs', content: 'x' }], /same path/],
    ['the same path twice', [...base, { path: 'package/server.mjs', content: 'x' }], /same path/],
    ['a file that is a folder too', [...base, { path: 'package/server.mjs/x', content: 'x' }], /same path/],
    [
      'composed and decomposed letters',
      [...base, { path: 'package/\u00e9', content: 'x' }, { path: 'package/e\u0301', content: 'x' }],
      /same path/,
    ],
    ['a folder of git', [...base, { path: 'package/.GIT/config', content: 'x' }], /folder of git/],
    ['a device name', [...base, { path: 'package/aux.txt', content: 'x' }], /not every system/],
  ])(
    verifies(['I4-bad-archive', 'I4-limits', 'B60'], 'an archive with %s installs nothing'),
    async (_title, entries, words) => {
      const registry = await open();
      registry.publish('demo', '1.0.0', archive(entries));
      const { resolver, kept } = workbench({ npmRegistry: registry.url });
      await expect(resolver.resolve('npm:demo@1.0.0')).rejects.toMatchObject({
        code: 'plugin_limit_exceeded',
        message: expect.stringMatching(words),
      });
      expect(kept()).toEqual([]);
    },
  );

  test(
    verifies(['I4-bad-archive', 'I4-limits'], 'a bomb is stopped by its ratio long before it is unpacked'),
    async () => {
      const registry = await open();
      registry.publish(
        'bomb',
        '1.0.0',
        archive([
          ...base,
          ...Array.from({ length: 3 }, (_, at) => ({
            path: `package/z${at}`,
            content: Buffer.alloc(15 * 1024 * 1024),
          })),
        ]),
      );
      const { resolver, kept } = workbench({ npmRegistry: registry.url });
      const before = process.memoryUsage().arrayBuffers;
      await expect(resolver.resolve('npm:bomb@1.0.0')).rejects.toMatchObject({
        code: 'plugin_limit_exceeded',
        message: expect.stringContaining('times its size'),
      });
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(40 * 1024 * 1024);
      expect(kept()).toEqual([]);
    },
  );

  test(verifies('I4-bad-archive', 'what is no archive, or ends too early, is refused'), async () => {
    const registry = await open();
    registry.publish('text', '1.0.0', Buffer.from('this is no archive'));
    registry.publish('cut', '1.0.0', npmArchive({ ...PLUGIN_FILES, big: 'x'.repeat(100_000) }).subarray(0, 400));
    registry.publish('lying', '1.0.0', archive([...base, { path: 'package/x', content: 'short', size: 200_000 }]));
    const { resolver, kept } = workbench({ npmRegistry: registry.url });
    for (const name of ['text', 'cut', 'lying'])
      expect([name, await reasonOf(resolver.resolve(`npm:${name}@1.0.0`))]).toEqual([name, 'archive']);
    expect(kept()).toEqual([]);
  });
});

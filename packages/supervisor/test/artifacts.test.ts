import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readTree, treeDigest } from '@molecule/plugins';
import { verifies } from '@molecule/testkit/verifies';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Bench, mcpServer, openBench, PROGRAMS, until, workspace } from './harness.ts';

let bench: Bench;
let sources: string;
beforeEach(() => {
  sources = mkdtempSync(join(tmpdir(), 'molecule-artifacts-'));
});
afterEach(async () => {
  expect(bench.plane.violations).toEqual([]);
  await bench.close();
  rmSync(sources, { recursive: true, force: true });
});

async function plugin(name: string, files: Record<string, string>, skills: string[] = []) {
  const folder = join(sources, `${name}-${Math.random()}`);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const digest = treeDigest(await readTree(folder));
  return { folder, artifact: { plugin: name, digest, sizeBytes: 1, skills, required: true } };
}
const server = readFileSync(join(PROGRAMS, 'mcp-server.mjs'), 'utf8');
const local = (plugin: string, name: string) =>
  mcpServer(name, [], {
    plugin,
    descriptor: {
      type: 'stdio',
      command: process.execPath,
      args: ['./server.mjs', '--name', name],
      env: { ROOT: '${CLAUDE_PLUGIN_ROOT}' },
    },
  } as never);

test.each(['none', 'auto'] as const)(
  verifies(
    ['B72', 'B78'],
    'fetches artifacts by digest, starts their servers from there and links their skills (sandbox: %s)',
  ),
  async (sandbox) => {
    bench = await openBench({ sandbox });
    const seo = await plugin('seo', { 'server.mjs': server, 'skills/audit/SKILL.md': 'audit' }, ['skills/audit']);
    bench.plane.artifacts.set(seo.artifact.digest, seo.folder);
    const boxes = [1, 2].map(() =>
      bench.plane.add(workspace({ artifacts: [seo.artifact], servers: [local('seo', 'seo')] })),
    );
    for (const box of boxes) {
      const register = await until('the registration', () => box.registers[0]);
      expect(register.proofs.map(({ rung, ok, reason }) => `${rung}:${ok}:${reason}`)).toEqual([
        'declared:true:null',
        'delivered:true:null',
        'rendered:true:null',
        'live:true:null',
      ]);
      const link = readlinkSync(join(bench.box(box).home, '.testrt/skills/audit'));
      expect(readFileSync(join(link, 'SKILL.md'), 'utf8')).toBe('audit');
    }
    expect(bench.plane.requests.filter((path) => path.includes('/artifacts/'))).toHaveLength(1);
  },
);

test(
  verifies(
    ['B50', 'B60', 'B61', 'T25'],
    'a plugin that cannot be fetched keeps its last good version and starves no other',
  ),
  async () => {
    bench = await openBench();
    const old = await plugin('seo', { 'server.mjs': server });
    bench.plane.artifacts.set(old.artifact.digest, old.folder);
    const box = bench.plane.add(workspace({ artifacts: [old.artifact], servers: [local('seo', 'seo')] }));
    await until('the registration', () => box.registers[0]);
    const newer = await plugin('seo', { 'server.mjs': `${server}\n// newer` });
    const other = await plugin('other', { 'server.mjs': server });
    bench.plane.artifacts.set(other.artifact.digest, other.folder);
    box.desired = {
      ...box.desired,
      generation: 2,
      artifacts: [newer.artifact, other.artifact] as never,
      servers: [local('seo', 'seo'), local('other', 'other')],
    };
    box.generation = 2;
    const proofs = await until(
      'the proofs of the new generation',
      () => box.beats.find(({ generation, proofs: found }) => generation === 2 && found !== undefined)?.proofs,
    );
    expect(
      proofs
        .filter(({ rung }) => rung === 'delivered')
        .map((proof) => [proof.server, proof.ok, proof.reason])
        .sort(),
    ).toEqual([
      ['other', true, null],
      ['seo', false, 'fetch_failed_last_good_kept'],
    ]);
    expect(proofs.filter(({ rung }) => rung === 'live').every(({ ok }) => ok)).toBe(true);
    const event = await until('the event', () => box.bootEvents.find(({ step, ok }) => step === 'artifact' && !ok));
    expect(event.code).toBe('plugin_fetch_failed');
  },
);

test('an artifact that is damaged, or holds a link, is refused and leaves nothing behind', async () => {
  bench = await openBench();
  const good = await plugin('linked', { 'server.mjs': server });
  symlinkSync('/etc/passwd', join(good.folder, 'outside'));
  const other = await plugin('damaged', { 'server.mjs': 'not what was promised' });
  bench.plane.artifacts.set(good.artifact.digest, good.folder);
  const wrong = `sha256:${'0'.repeat(64)}`;
  bench.plane.artifacts.set(wrong, other.folder);
  const box = bench.plane.add(
    workspace({
      artifacts: [good.artifact, { ...other.artifact, digest: wrong }],
      servers: [local('linked', 'linked'), local('damaged', 'damaged')],
    }),
  );
  const register = await until('the registration', () => box.registers[0]);
  expect(register.proofs.filter(({ rung }) => rung === 'delivered').map((proof) => [proof.server, proof.ok])).toEqual([
    ['linked', true],
    ['damaged', false],
  ]);
  const names = readdirSync(join(bench.dataDir, 'artifacts'));
  expect(names).toHaveLength(1);
  expect(readdirSync(join(bench.dataDir, 'artifacts', names[0] ?? ''))).toEqual(['server.mjs']);
});

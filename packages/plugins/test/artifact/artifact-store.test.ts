import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifies } from '@molecule/testkit/verifies';
import { extract } from 'tar';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { type ArtifactStore, artifactStore, readTree, type TreeFile, treeDigest } from '../../src/index.ts';

let root: string;
let store: ArtifactStore;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'molecule-artifacts-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  store = artifactStore(root);
});
const FILES: TreeFile[] = [
  { path: 'plugin.json', executable: false, content: Buffer.from('{}') },
  {
    path: `skills/${'deep/'.repeat(30)}long-name-${'x'.repeat(60)}.md`,
    executable: false,
    content: Buffer.from('ä'.repeat(700)),
  },
  { path: 'run.sh', executable: true, content: Buffer.alloc(512, 'x') },
  { path: 'empty', executable: false, content: Buffer.alloc(0) },
];
const archiveOf = (digest: string): string => join(root, 'sha256', digest.slice(7, 9), `${digest.slice(7)}.tar`);

test(
  verifies(
    ['I4-digest', 'I4-resolve-once'],
    'the same tree gives the same archive, byte for byte, whatever its order; a box that unpacks it gets the digest',
  ),
  async () => {
    const { digest } = await store.put(FILES);
    const bytes = readFileSync(archiveOf(digest));
    rmSync(archiveOf(digest));
    expect((await store.put([...FILES].reverse())).digest).toBe(digest);
    expect(readFileSync(archiveOf(digest)).equals(bytes)).toBe(true);
    const folder = mkdtempSync(join(tmpdir(), 'molecule-unpacked-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    await extract({ cwd: folder, file: archiveOf(digest), strict: true });
    expect(treeDigest(await readTree(folder))).toBe(digest);
    expect((await store.read(digest))?.length).toBe(4);
  },
);

test(verifies('I4-digest', 'what is there is not written again'), async () => {
  const { digest } = await store.put(FILES);
  utimesSync(archiveOf(digest), 1, 1);
  await store.put(FILES);
  expect(statSync(archiveOf(digest)).mtimeMs).toBe(1000);
});

test(verifies('I4-bad-digest', 'a damaged copy is noticed, removed, and can be made anew'), async () => {
  const { digest } = await store.put(FILES);
  const bytes = readFileSync(archiveOf(digest));
  bytes[bytes.length - 1300] = 0x41;
  writeFileSync(archiveOf(digest), bytes);
  await expect(store.read(digest)).rejects.toMatchObject({ code: 'plugin_fetch_failed', params: { reason: 'digest' } });
  expect(await store.has(digest)).toBe(false);
  await store.put(FILES);
  expect(await store.read(digest)).toHaveLength(4);
});

test(
  verifies(
    'I4-digest',
    'what a killed writer left is removed, what a living one writes is not; a name that is no digest is nowhere',
  ),
  async () => {
    const { digest } = await store.put(FILES);
    const folder = join(root, 'sha256', digest.slice(7, 9));
    writeFileSync(join(folder, 'old.tmp'), 'x');
    utimesSync(join(folder, 'old.tmp'), 1, 1);
    writeFileSync(join(folder, 'new.tmp'), 'x');
    rmSync(archiveOf(digest));
    await store.put(FILES);
    expect(readdirSync(folder).sort()).toEqual([`${digest.slice(7)}.tar`, 'new.tmp'].sort());
    expect([
      await store.open('sha256:../../etc'),
      await store.has(''),
      await store.read(`sha256:${'0'.repeat(64)}`),
    ]).toEqual([null, false, null]);
  },
);

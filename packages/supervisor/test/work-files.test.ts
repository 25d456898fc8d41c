import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BoxRequest, isMoleculeError, LARGEST_FILE_BYTES } from '@molecule/contracts';
import { verifies } from '@molecule/testkit/verifies';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { WorkFiles } from '../src/calls/work-files.ts';

let outside: string;
let root: string;
let files: WorkFiles;
beforeEach(() => {
  outside = mkdtempSync(join(tmpdir(), 'molecule-files-'));
  onTestFinished(() => rmSync(outside, { recursive: true, force: true }));
  root = join(outside, 'work');
  mkdirSync(root);
  writeFileSync(join(outside, 'secret'), 'not for you');
  files = new WorkFiles(root);
});

function codeOf(work: () => unknown): string {
  try {
    work();
    return 'nothing was thrown';
  } catch (error) {
    return isMoleculeError(error) ? error.code : String(error);
  }
}

test(verifies('I6-panel-files', 'a file is written whole, listed, read, renamed and removed; its mode stays'), () => {
  const bytes = Buffer.from('#!/bin/sh\necho ünïcode ✓\n');
  const made = files.write('run.sh', bytes, null);
  execFileSync('chmod', ['755', join(root, 'run.sh')]);
  files.makeFolder('docs');
  expect(files.read('run.sh')).toMatchObject({
    content: bytes.toString(),
    binary: false,
    etag: made.etag,
    size: bytes.length,
  });
  const again = files.write('run.sh', Buffer.from('exit 0\n'), made.etag);
  expect(again.etag).not.toBe(made.etag);
  expect(statSync(join(root, 'run.sh')).mode & 0o777).toBe(0o755);
  files.rename('run.sh', 'docs/run.sh');
  expect(files.list('', null, 10).items).toMatchObject([{ name: 'docs', kind: 'folder', size: null }]);
  expect(files.list('docs', null, 10).items).toMatchObject([{ name: 'run.sh', kind: 'file', size: 7 }]);
  expect(codeOf(() => files.remove('docs'))).toBe('file_refused');
  files.remove('docs/run.sh');
  files.remove('docs');
  expect(readdirSync(root)).toEqual([]);
});

test(
  verifies(
    ['I6-panel-files', 'I6-bad-conflict'],
    'the second of two writers is told, and nothing of the first is lost',
  ),
  () => {
    const { etag } = files.write('plan.md', Buffer.from('first'), null);
    files.write('plan.md', Buffer.from('the other one'), etag);
    expect(codeOf(() => files.write('plan.md', Buffer.from('mine'), etag))).toBe('file_changed');
    expect(codeOf(() => files.write('plan.md', Buffer.from('mine'), null))).toBe('file_exists');
    expect(codeOf(() => files.write('gone.md', Buffer.from('mine'), etag))).toBe('file_changed');
    expect(readFileSync(join(root, 'plan.md'), 'utf8')).toBe('the other one');
    // Nothing half done is left beside it.
    expect(readdirSync(root)).toEqual(['plan.md']);
  },
);

test(
  verifies('I6-panel-files', 'no link leads out of the folder: not as file, not as folder on the way, not for writing'),
  () => {
    symlinkSync(join(outside, 'secret'), join(root, 'link'));
    symlinkSync(outside, join(root, 'up'));
    symlinkSync('/etc', join(root, 'etc'));
    expect(files.list('', null, 10).items).toMatchObject([
      { name: 'etc', kind: 'link', target: '/etc' },
      { name: 'link', kind: 'link' },
      { name: 'up', kind: 'link' },
    ]);
    for (const path of ['link', 'up/secret', 'etc/passwd'])
      expect([path, codeOf(() => files.read(path))]).toEqual([path, 'file_refused']);
    for (const path of ['up', 'etc'])
      expect([path, codeOf(() => files.list(path, null, 10))]).toEqual([path, 'file_refused']);
    for (const path of ['link', 'up/secret', 'up/new'])
      expect([path, codeOf(() => files.write(path, Buffer.from('x'), undefined))]).toEqual([path, 'file_refused']);
    expect(codeOf(() => files.rename('up/secret', 'mine'))).toBe('file_refused');
    expect(codeOf(() => files.remove('up/secret'))).toBe('file_refused');
    expect(codeOf(() => files.makeFolder('up/new'))).toBe('file_refused');
    files.remove('link');
    expect(readFileSync(join(outside, 'secret'), 'utf8')).toBe('not for you');
    expect(readdirSync(outside).sort()).toEqual(['secret', 'work']);
  },
);

test(verifies('I6-panel-files', 'paths that climb or are absolute are refused before they reach a box'), () => {
  for (const path of ['..', '../secret', 'a/../../secret', '/etc/passwd', './a', 'a//b', 'a/', 'a\0b', 'x'.repeat(300)])
    expect([path, BoxRequest.safeParse({ type: 'files.read', path }).success]).toEqual([path, false]);
  expect(BoxRequest.safeParse({ type: 'files.read', path: 'a/..b/c d' }).success).toBe(true);
});

test(
  verifies('I6-panel-files', 'a pipe hangs nobody, a large file is refused, bytes that are no text come whole'),
  () => {
    execFileSync('mkfifo', [join(root, 'pipe')]);
    expect(codeOf(() => files.read('pipe'))).toBe('file_refused');
    expect(codeOf(() => files.write('pipe', Buffer.from('x'), undefined))).toBe('file_refused');
    execFileSync('truncate', ['-s', String(LARGEST_FILE_BYTES + 1), join(root, 'large')]);
    expect(codeOf(() => files.read('large'))).toBe('file_too_large');
    const bytes = Buffer.from([0xff, 0x00, 0x80, 0x0a]);
    files.write('image', bytes, null);
    const read = files.read('image');
    expect([read.binary, read.encoding, Buffer.from(read.content, 'base64')]).toEqual([true, 'base64', bytes]);
    expect(codeOf(() => files.read('nothing'))).toBe('file_not_found');
  },
);

test(verifies('I6-panel-files', 'a large folder comes in pages without gap or repeat'), () => {
  for (let index = 0; index < 250; index += 1) writeFileSync(join(root, `file ${index}`), '');
  mkdirSync(join(root, 'z folder'));
  const names: string[] = [];
  let after: string | null = null;
  do {
    const page = files.list('', after, 100);
    names.push(...page.items.map(({ name }) => name));
    after = page.next;
  } while (after !== null);
  expect(names[0]).toBe('z folder');
  expect(new Set(names).size).toBe(251);
  expect(names).toHaveLength(251);
});

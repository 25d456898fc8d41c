import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import { reconcileConfigFile } from '../../src/editing/file/reconcile-config-file.ts';
import { jsoncFormat, jsonFormat } from '../../src/editing/json/json-format.ts';
import { EMPTY_LEDGER } from '../../src/editing/ledger.ts';
import { BOX_POLICY, PERSON_POLICY, type ReconcilePolicy } from '../../src/editing/reconcile-policy.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/** Seconds; a file this old is no half of a write that is still going on, so nothing waits for it. */
const LONG_AGO = 1_000_000;
const OURS = { path: ['mcpServers', 'molecule-platform'], value: { command: 'node' } };
const render = (file: string, policy: ReconcilePolicy = BOX_POLICY, ledger = EMPTY_LEDGER, desired = [OURS]) =>
  reconcileConfigFile(file, jsonFormat, desired, { ledger, policy });

async function refusal(file: string, policy: ReconcilePolicy): Promise<string> {
  const done = await render(file, policy);
  return done.ok ? 'accepted' : done.error.reason.code;
}

test(
  verifies(
    ['B55', 'B56', 'B68'],
    'a file that did not exist is created private, and goes again when its last entry goes',
  ),
  async () => {
    const file = join(temporaryDirectory(), 'config.json');
    const done = await render(file);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8')).toBe(
      '{\n  "mcpServers": {\n    "molecule-platform": {\n      "command": "node"\n    }\n  }\n}\n',
    );
    if (!done.ok) throw new Error('not written');
    const undone = await render(file, BOX_POLICY, done.value.ledger, []);
    expect(undone.ok && undone.value.written).toBe(true);
    expect(readdirSync(join(file, '..'))).toEqual([]);
  },
);

test(
  verifies(
    ['B52', 'B56', 'T27', 'T37', 'I3-edit-noop'],
    'an equal entry costs no write: same bytes, same mtime, same inode',
  ),
  async () => {
    const file = join(temporaryDirectory(), 'config.json');
    await render(file);
    utimesSync(file, 1_000_000, 1_000_000);
    const before = statSync(file);
    const again = await render(file);
    expect(again.ok && again.value.written).toBe(false);
    expect({ mtime: statSync(file).mtimeMs, inode: statSync(file).ino }).toEqual({
      mtime: before.mtimeMs,
      inode: before.ino,
    });
  },
);

test(verifies(['B68', 'I3-edit-survive'], 'mode and owner are kept'), async () => {
  const file = join(temporaryDirectory(), 'config.json');
  writeFileSync(file, '{}');
  chmodSync(file, 0o640);
  if (process.getuid?.() === 0) chownSync(file, 1234, 4321);
  const before = statSync(file);
  const done = await render(file);
  expect(done.ok && done.value.written).toBe(true);
  const after = statSync(file);
  expect([after.mode, after.uid, after.gid]).toEqual([before.mode, before.uid, before.gid]);
});

test(verifies(['B68', 'I3-edit-survive'], 'a symbolic link stays a link and its target is edited'), async () => {
  const directory = temporaryDirectory();
  mkdirSync(join(directory, 'dotfiles'));
  writeFileSync(join(directory, 'dotfiles', 'real.json'), '{"a": 1.0}');
  symlinkSync('dotfiles/real.json', join(directory, 'config.json'));
  const done = await render(join(directory, 'config.json'));
  expect(done.ok && done.value.written).toBe(true);
  expect(lstatSync(join(directory, 'config.json')).isSymbolicLink()).toBe(true);
  expect(readFileSync(join(directory, 'dotfiles', 'real.json'), 'utf8')).toContain('"a": 1.0');
  expect(readdirSync(directory).sort()).toEqual(['config.json', 'dotfiles']);
});

test.each([
  ['dangling_symlink', (file: string) => symlinkSync('nowhere.json', file)],
  ['dangling_symlink', (file: string) => symlinkSync('config.json', file)],
  ['not_a_file', (file: string) => mkdirSync(file)],
  ['not_a_file', (file: string) => execFileSync('mkfifo', [file])],
] as const)(
  verifies(['B57', 'I3-bad-places'], 'what is no file is refused as %s in a box and at a person'),
  async (code, make) => {
    const file = join(temporaryDirectory(), 'config.json');
    make(file);
    expect(await refusal(file, BOX_POLICY)).toBe(code);
    expect(await refusal(file, PERSON_POLICY)).toBe(code);
  },
);

const BROKEN: readonly (readonly [string, string | Buffer])[] = [
  ['corrupt', '{"mcpServers": {"a": {"command": "x"'],
  ['corrupt', '{"a": 1} trailing'],
  ['binary', Buffer.from([0x7b, 0x00, 0xff, 0x7d])],
  ['binary', Buffer.from([0x7b, 0xc3, 0x28, 0x7d])],
  ['too_deep', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
  ['wrong_type', '[1, 2]'],
  ['wrong_type', '"text"'],
];

test.each(BROKEN)(
  verifies(
    ['B55', 'T29', 'I3-edit-corrupt-box', 'I3-bad-files'],
    'a broken file (%s) is set aside and rebuilt in a box',
  ),
  async (_code, content) => {
    const file = join(temporaryDirectory(), 'config.json');
    writeFileSync(file, content);
    utimesSync(file, LONG_AGO, LONG_AGO);
    const done = await render(file);
    if (!done.ok) throw new Error(done.error.reason.message);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
      mcpServers: { 'molecule-platform': { command: 'node' } },
    });
    expect(done.value.setAside).toMatch(/config\.json\.corrupt-[0-9a-f]{12}$/);
    expect(readFileSync(done.value.setAside ?? '')).toEqual(Buffer.from(content));
  },
);

test.each(BROKEN)(
  verifies(
    ['B55', 'I3-edit-corrupt-person', 'I3-bad-files'],
    "a broken file (%s) is refused untouched on a person's machine, with the snippet",
  ),
  async (code, content) => {
    const file = join(temporaryDirectory(), 'config.json');
    writeFileSync(file, content);
    utimesSync(file, LONG_AGO, LONG_AGO);
    const done = await render(file, PERSON_POLICY);
    if (done.ok) throw new Error('it was written');
    expect(done.error.reason.code).toBe(code);
    expect(JSON.parse(done.error.snippet)).toEqual({ mcpServers: { 'molecule-platform': { command: 'node' } } });
    expect(readFileSync(file)).toEqual(Buffer.from(content));
    expect(readdirSync(join(file, '..'))).toEqual(['config.json']);
  },
);

test(verifies(['B55', 'T29', 'I3-bad-files'], 'a file of 50 MB is refused unread, or set aside in a box'), async () => {
  const file = join(temporaryDirectory(), 'config.json');
  writeFileSync(file, '{');
  truncateSync(file, 50 * 1024 * 1024);
  expect(await refusal(file, PERSON_POLICY)).toBe('too_large');
  const done = await render(file);
  expect(done.ok && done.value.setAside).toBeTruthy();
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ mcpServers: { 'molecule-platform': { command: 'node' } } });
});

test(
  verifies(
    ['B55', 'T29', 'I3-bad-files'],
    'a non-object mcpServers becomes an object in a box, keeping every other key; a person is asked',
  ),
  async () => {
    const file = join(temporaryDirectory(), 'config.json');
    const text = '{\n  "theme": "dark", // mine\n  "mcpServers": [],\n  "n": 1e3\n}\n';
    writeFileSync(file, text);
    const asked = await reconcileConfigFile(file, jsoncFormat, [OURS], { ledger: EMPTY_LEDGER, policy: PERSON_POLICY });
    expect(asked.ok ? '' : asked.error.reason.code).toBe('wrong_type');
    const done = await reconcileConfigFile(file, jsoncFormat, [OURS], { ledger: EMPTY_LEDGER, policy: BOX_POLICY });
    if (!done.ok) throw new Error(done.error.reason.message);
    expect(readFileSync(file, 'utf8')).toContain('"theme": "dark", // mine');
    expect(readFileSync(file, 'utf8')).toContain('"n": 1e3');
    expect(done.value.setAside).toBeUndefined();
    const undone = await reconcileConfigFile(file, jsoncFormat, [], { ledger: done.value.ledger, policy: BOX_POLICY });
    expect(undone.ok).toBe(true);
    expect(readFileSync(file, 'utf8')).toBe(text);
  },
);

test(
  verifies(
    ['B55', 'I3-bad-files'],
    'a key defined twice on our way: a person is asked, a box keeps what the parser sees',
  ),
  async () => {
    const file = join(temporaryDirectory(), 'config.json');
    writeFileSync(file, '{"mcpServers": {"a": {}}, "mcpServers": {"b": {}}, "other": 1, "other": 2}');
    expect(await refusal(file, PERSON_POLICY)).toBe('duplicate_key');
    const done = await render(file);
    expect(done.ok && done.value.setAside).toBeTruthy();
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
      mcpServers: { b: {}, 'molecule-platform': { command: 'node' } },
      other: 2,
    });
  },
);

test(verifies(['B68', 'I3-bad-files'], 'a key defined twice elsewhere is none of our business'), async () => {
  const file = join(temporaryDirectory(), 'config.json');
  writeFileSync(file, '{"other": 1, "mcpServers": {}, "other": 2}');
  const done = await render(file, PERSON_POLICY);
  expect(done.ok && done.value.written).toBe(true);
  expect(readFileSync(file, 'utf8')).toContain('"other": 1, "mcpServers": {');
});

test.runIf(process.getuid?.() !== 0 || canDropPrivileges())(
  verifies(['B57', 'T30', 'I3-bad-places'], 'a directory that is not writable is a typed error and leaves the file'),
  async () => {
    const directory = temporaryDirectory();
    const file = join(directory, 'config.json');
    writeFileSync(file, '{}');
    chmodSync(file, 0o644);
    chmodSync(directory, 0o555);
    const unprivileged = process.getuid?.() === 0;
    if (unprivileged) process.seteuid?.(65_534);
    try {
      expect(await refusal(file, BOX_POLICY)).toBe('unwritable');
      expect(readFileSync(file, 'utf8')).toBe('{}');
    } finally {
      if (unprivileged) process.seteuid?.(0);
      chmodSync(directory, 0o755);
    }
  },
);

/** Worker threads may not change the user; the test then runs only without root. */
function canDropPrivileges(): boolean {
  return typeof process.seteuid === 'function';
}

import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import {
  type HomeOutcome,
  homeLedgerPath,
  homeRuntime,
  nativeConfigOf,
  type RenderedSource,
  renderHome,
} from '../../src/home/index.ts';
import { adapterFor, knownRuntimes } from '../../src/index.ts';
import { server } from '../conformance/rendering-cases.ts';
import { temporaryDirectory } from '../editing/temporary-directory.ts';

function source(name: string, rest: Partial<RenderedSource> = {}): RenderedSource {
  const servers = [server(name, { type: 'stdio', command: name, args: [], env: { TOKEN: '${TOKEN}' } })];
  return {
    source: `file:/plugins/${name}`,
    plugin: name,
    stamp: '1',
    servers,
    skills: [],
    instructions: [],
    files: [],
    unpacked: null,
    ...rest,
  };
}

async function set(
  home: string,
  runtime: string,
  sources: readonly RenderedSource[],
  dryRun = false,
): Promise<HomeOutcome> {
  const native = await nativeConfigOf(runtime);
  if (native === null) throw new Error(`no ${runtime}`);
  const done = await renderHome({
    runtime,
    adapter: homeRuntime(native),
    home,
    sources: () => sources,
    dryRun,
    build: 'test',
  });
  if (!done.ok) throw new Error(done.error.message);
  return done.value;
}

/** Every path below a folder with its content; links with their target. */
function everything(home: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of readdirSync(home, { recursive: true, encoding: 'utf8' })) {
    const path = join(home, name);
    const stats = lstatSync(path);
    found[name] = stats.isSymbolicLink()
      ? `-> ${readlinkSync(path)}`
      : stats.isDirectory()
        ? '/'
        : readFileSync(path, 'utf8');
  }
  return found;
}

const nativePath = (runtime: string, home: string) =>
  adapterFor(runtime).nativeFiles({ root: home, home, work: home, run: `${home}/.molecule`, owner: 'person' })[0]
    ?.path ?? '';

test.each(knownRuntimes())('[T37] %s: an empty home is empty again, folders and ledger included', async (runtime) => {
  const home = temporaryDirectory();
  const skills = [{ name: 'audit', path: '/plugins/x/skills/audit' }];
  const done = await set(home, runtime, [source('x', { skills, instructions: ['Be brief.'] })]);
  expect(done).toMatchObject({ written: true, refused: [] });
  expect(statSync(homeLedgerPath(home)).mode & 0o777).toBe(0o600);
  expect(readFileSync(nativePath(runtime, home), 'utf8')).not.toContain('secret');
  const before = everything(home);
  expect(await set(home, runtime, [source('x', { skills, instructions: ['Be brief.'] })])).toMatchObject({
    written: false,
    files: [],
    links: [],
  });
  expect(everything(home)).toEqual(before);
  await set(home, runtime, []);
  expect(everything(home)).toEqual({});
});

test(
  verifies(
    ['B70', 'T33', 'T34', 'T35'],
    'one runtime after the other: each in its own file, none touches another’s, all go without a trace',
  ),
  async () => {
    const home = temporaryDirectory();
    writeFileSync(join(home, '.claude.json'), '{"numStartups": 1e2}');
    const start = everything(home);
    for (const runtime of knownRuntimes()) {
      const before = everything(home);
      await set(home, runtime, [source('x')]);
      const after = everything(home);
      const changed = Object.keys(after).filter(
        (name) => after[name] !== before[name] && after[name] !== '/' && !name.startsWith('.molecule/'),
      );
      expect(changed).toEqual([nativePath(runtime, home).slice(home.length + 1)]);
    }
    for (const runtime of knownRuntimes()) await set(home, runtime, []);
    expect(everything(home)).toEqual(start);
  },
);

test(
  verifies(
    ['B55', 'I3-edit-corrupt-person'],
    'a file that cannot be parsed is refused untouched, with what to paste, and nothing else is written',
  ),
  async () => {
    const home = temporaryDirectory();
    writeFileSync(join(home, '.claude.json'), '{"mcpServers": {');
    const start = everything(home);
    const done = await set(home, 'claude-code', [source('x', { instructions: ['Be brief.'] })]);
    expect(done).toMatchObject({ written: false, files: [] });
    expect(done.refused[0]).toMatchObject({
      path: join(home, '.claude.json'),
      snippet: expect.stringContaining('"x"'),
    });
    expect(everything(home)).toEqual(start);
  },
);

test.each([
  ['a folder where the file should be', (path: string) => mkdirSync(path)],
  ['a link to nothing', (path: string) => symlinkSync('/nonexistent/file', path)],
  ['bytes that are no text', (path: string) => writeFileSync(path, Buffer.from([0, 1, 2, 255]))],
  ['a value of another type where the servers belong', (path: string) => writeFileSync(path, '{"mcpServers": []}')],
  ['two definitions of the servers', (path: string) => writeFileSync(path, '{"mcpServers": {}, "mcpServers": {}}')],
])(verifies(['I3-bad-files', 'I3-bad-places'], '%s is refused untouched'), async (_what, make) => {
  const home = temporaryDirectory();
  make(join(home, '.claude.json'));
  const before = lstatSync(join(home, '.claude.json'));
  const done = await set(home, 'claude-code', [source('x')]);
  expect(done.refused.length).toBe(1);
  expect(lstatSync(join(home, '.claude.json'))).toMatchObject({
    mtimeMs: before.mtimeMs,
    ino: before.ino,
    mode: before.mode,
  });
  expect(existsSync(homeLedgerPath(home))).toBe(false);
});

test('a dry run writes nothing at all and says what would change', async () => {
  const home = temporaryDirectory();
  const done = await set(home, 'codex', [source('x', { instructions: ['Be brief.'] })], true);
  expect(done.files.map(({ before }) => before)).toEqual([null, null]);
  expect(done.written).toBe(false);
  expect(everything(home)).toEqual({});
});

test('an entry and a skill of the person’s own of the same name stay, and are told', async () => {
  const home = temporaryDirectory();
  writeFileSync(join(home, '.claude.json'), '{"mcpServers": {"x": {"command": "mine"}}}');
  mkdirSync(join(home, '.claude/skills/audit'), { recursive: true });
  const start = everything(home);
  const done = await set(home, 'claude-code', [
    source('x', { skills: [{ name: 'audit', path: '/plugins/x/skills/audit' }] }),
  ]);
  expect(done.notes).toContainEqual(expect.objectContaining({ action: 'kept_theirs', server: 'x' }));
  expect(done.keptPaths).toEqual([join(home, '.claude/skills/audit')]);
  await set(home, 'claude-code', []);
  expect(everything(home)).toEqual(start);
});

test(
  verifies(
    'I3-edit-owner',
    'an entry that the person edited since is theirs: it is neither written over nor taken out',
  ),
  async () => {
    const home = temporaryDirectory();
    await set(home, 'claude-code', [source('x')]);
    const file = join(home, '.claude.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace('"command": "x"', '"command": "edited"'));
    const edited = readFileSync(file, 'utf8');
    expect((await set(home, 'claude-code', [source('x', { stamp: '2' })])).notes).toContainEqual(
      expect.objectContaining({ action: 'kept_theirs' }),
    );
    await set(home, 'claude-code', []);
    expect(readFileSync(file, 'utf8')).toBe(edited);
  },
);

test('of two plugins with a server of one name the first has it; when it goes, the second gets it', async () => {
  const home = temporaryDirectory();
  const [first, second] = [
    source('x'),
    source('y', { servers: [server('x', { type: 'stdio', command: 'second', args: [], env: {} })] }),
  ];
  const both = await set(home, 'claude-code', [first, second]);
  expect(both.notes).toContainEqual(
    expect.objectContaining({ action: 'kept_theirs', detail: expect.stringContaining('of y is not rendered') }),
  );
  await set(home, 'claude-code', [second]);
  expect(readFileSync(join(home, '.claude.json'), 'utf8')).toContain('"second"');
  await set(home, 'claude-code', []);
  expect(everything(home)).toEqual({});
});

test(
  verifies(
    'I3-edit-survive',
    'a symbolic link stays a link, and mode, line ends and byte order mark stay as they were',
  ),
  async () => {
    const home = temporaryDirectory();
    const real = join(home, 'dotfiles/claude.json');
    mkdirSync(dirname(real));
    writeFileSync(real, '\uFEFF{\r\n\t"a": 1\r\n}', { mode: 0o640 });
    symlinkSync(real, join(home, '.claude.json'));
    const start = everything(home);
    await set(home, 'claude-code', [source('x')]);
    expect(readlinkSync(join(home, '.claude.json'))).toBe(real);
    expect(statSync(real).mode & 0o777).toBe(0o640);
    expect(readFileSync(real, 'utf8')).toMatch(/^\uFEFF\{\r\n\t"a": 1,\r\n/);
    await set(home, 'claude-code', []);
    expect(everything(home)).toEqual(start);
  },
);

test('a ledger that is not ours is refused, and nothing is written', async () => {
  const home = temporaryDirectory();
  mkdirSync(join(home, '.molecule'));
  writeFileSync(homeLedgerPath(home), '{"version": 9}');
  const native = await nativeConfigOf('codex');
  if (native === null) throw new Error('no codex');
  const done = await renderHome({
    runtime: 'codex',
    adapter: homeRuntime(native),
    home,
    sources: () => [source('x')],
    dryRun: false,
    build: 'test',
  });
  expect(done).toMatchObject({ ok: false, error: { code: 'unreadable' } });
  expect(existsSync(join(home, '.codex'))).toBe(false);
});

import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { verifies } from '@molecule/testkit/verifies';
import { afterEach, expect, test } from 'vitest';
import { type Bench, mcpServer, openBench, until, workspace } from './harness.ts';
import type { StandInWorkspace } from './stand-in-control-plane.ts';

let bench: Bench;
afterEach(async () => {
  expect(bench.plane.violations).toEqual([]);
  await bench.close();
});

const servers = [mcpServer('tools')];

/** Prepares the home of a box before its first boot, then boots it. */
async function bootWith(
  prepare: (home: string) => void,
  more: Record<string, unknown> = { servers },
): Promise<StandInWorkspace> {
  bench = await openBench();
  const box = workspace(more);
  const { home } = bench.box(box);
  mkdirSync(join(home, '.testrt'), { recursive: true });
  prepare(home);
  bench.plane.add(box);
  await until('the registration', () => box.registers[0]);
  return box;
}
const config = (box: StandInWorkspace) => join(bench.box(box).home, '.testrt/config.json');
const servers_ = (box: StandInWorkspace) => Object.keys(JSON.parse(readFileSync(config(box), 'utf8')).mcpServers);

test(
  verifies(['B48', 'B49', 'B52', 'T28'], 'adds our entry, replaces a drifted one and keeps what others wrote'),
  async () => {
    const box = await bootWith((home) =>
      writeFileSync(
        join(home, '.testrt/config.json'),
        JSON.stringify({
          theme: 'dark',
          mcpServers: { theirs: { command: 'x' }, tools: { type: 'stdio', command: 'wrong', args: [], env: {} } },
        }),
      ),
    );
    expect(servers_(box).sort()).toEqual(['theirs', 'tools']);
    expect(JSON.parse(readFileSync(config(box), 'utf8'))).toMatchObject({
      theme: 'dark',
      mcpServers: { theirs: { command: 'x' }, tools: { command: process.execPath } },
    });
    expect(box.registers[0]?.mcp_tools_ready).toBe(true);
  },
);

test(verifies(['T27', 'B56', 'B59'], 'a second boot with nothing to change does not touch the files'), async () => {
  const box = await bootWith(() => undefined);
  const past = new Date(Date.now() - 60_000);
  utimesSync(config(box), past, past);
  const before = statSync(config(box), { bigint: true });
  bench.plane.reboot(box);
  bench.plane.add(box);
  await until('the second registration', () => box.registers[1]);
  const after = statSync(config(box), { bigint: true });
  expect([after.ino, after.mtimeNs]).toEqual([before.ino, before.mtimeNs]);
});

test.each([
  ['not json', '{ broken'],
  ['an array', '[1, 2]'],
  ['a list of servers', '{"mcpServers": 7}'],
])(
  verifies(
    ['B55', 'T29', 'I3-edit-corrupt-box'],
    'rebuilds a corrupt file (%s) and sets the old one aside where it was unreadable',
  ),
  async (_, text) => {
    const box = await bootWith((home) => writeFileSync(join(home, '.testrt/config.json'), text));
    expect(servers_(box)).toEqual(['tools']);
    expect(box.registers[0]?.mcp_tools_ready).toBe(true);
    const aside = readdirSync(join(bench.box(box).home, '.testrt')).filter((name) => name.includes('.corrupt-'));
    expect(aside.map((name) => readFileSync(join(bench.box(box).home, '.testrt', name), 'utf8'))).toEqual([text]);
  },
);

test(
  verifies(['B57', 'T30'], 'a folder that cannot be written does not stop the boot; the gate gets to know'),
  async () => {
    // A file where the folder should be: refused for every user, root included.
    const box = await bootWith((home) => {
      writeFileSync(join(home, 'stands-in-the-way'), '');
      chmodSync(join(home, '.testrt'), 0o700);
      symlinkSync('/proc/self', join(home, '.testrt', 'config.json'));
      symlinkSync('/proc/self/nowhere', join(home, '.other'));
    });
    expect(box.registers[0]?.mcp_tools_ready).toBe(true);
    expect(lstatSync(config(box)).isSymbolicLink()).toBe(false);
  },
);

test(verifies(['B57', 'T30'], 'no way to write: recorded, registered, and proved as missing'), async () => {
  bench = await openBench();
  const box = workspace({ servers });
  const { home } = bench.box(box);
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, '.testrt'), 'a file where the folder should be');
  bench.plane.add(box);
  const register = await until('the registration', () => box.registers[0]);
  expect(register.mcp_tools_ready).toBe(false);
  expect(register.proofs.filter(({ ok }) => !ok).map(({ rung, reason }) => `${rung}: ${reason}`)).toEqual([
    'rendered: not_rendered',
    'live: not_rendered',
  ]);
  const event = await until('the event', () => box.bootEvents.find(({ step }) => step === 'render'));
  expect(event.ok).toBe(false);
  expect(readFileSync(join(home, '.testrt'), 'utf8')).toBe('a file where the folder should be');
});

test('a link planted by the agent leads neither reading nor writing out of the box', async () => {
  let outside = '';
  const box = await bootWith((home) => {
    outside = join(home, '../../../outside');
    mkdirSync(outside);
    writeFileSync(
      join(outside, 'config.json'),
      '{"mcpServers":{"stolen":{"type":"stdio","command":"x","args":[],"env":{}}}}',
    );
    symlinkSync(join(outside, 'config.json'), join(home, '.testrt/config.json'));
  });
  expect(readFileSync(join(outside, 'config.json'), 'utf8')).toContain('stolen');
  expect(readdirSync(outside)).toEqual(['config.json']);
  expect(servers_(box)).toEqual(['tools']);
});

test(verifies('B53', 'an entry that is taken away comes back while the control plane cannot be reached'), async () => {
  const box = await bootWith(() => undefined);
  await until('a beat', () => box.beats[0]);
  await bench.plane.stop();
  writeFileSync(config(box), JSON.stringify({ mcpServers: { theirs: { command: 'x' } } }));
  await until('the entry', () => servers_(box).includes('tools'));
  expect(servers_(box).sort()).toEqual(['theirs', 'tools']);
});

test(
  verifies('I3-edit-foreign', 'drift is repaired and recorded; a change that touches nothing of ours is none'),
  async () => {
    const box = await bootWith(() => undefined);
    const before = JSON.parse(readFileSync(config(box), 'utf8'));
    writeFileSync(config(box), `${JSON.stringify({ ...before, lastUsed: 1 }, null, 2)}\n`);
    const beats = box.beats.length;
    await until('beats', () => box.beats.length > beats + 2);
    expect(JSON.parse(readFileSync(config(box), 'utf8'))).toMatchObject({ lastUsed: 1 });
    expect(box.bootEvents.some(({ step }) => step.startsWith('drift'))).toBe(false);
    writeFileSync(config(box), '{"mcpServers":{"theirs":{"command":"x"}}}');
    const event = await until('the repair', () => box.bootEvents.find(({ step }) => step === 'drift.repaired'));
    expect(event.detail['files']).toEqual(['config']);
    expect(servers_(box).sort()).toEqual(['theirs', 'tools']);
  },
);

test('an entry that is changed back again and again becomes contested: reported, not fought over', async () => {
  const box = await bootWith(() => undefined);
  for (let round = 1; round <= 3; round += 1) {
    writeFileSync(config(box), `{"round": ${round}}`);
    await until(
      `repair ${round}`,
      () => box.bootEvents.filter(({ step }) => step === 'drift.repaired').length === round,
    );
  }
  const event = await until('the contest', () => box.bootEvents.find(({ step }) => step === 'drift.contested'));
  expect(event).toMatchObject({ ok: false, code: 'contested', detail: { file: 'config' } });
  writeFileSync(config(box), '{"round": 4}');
  await until('the report of the missing server', () => box.beats.at(-1)?.mcp_tools_ready === false);
  expect(readFileSync(config(box), 'utf8')).toBe('{"round": 4}');
  expect(existsSync(config(box))).toBe(true);
});

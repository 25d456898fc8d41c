import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { boxLayout } from '@molecule/adapters';
import { verifies } from '@molecule/testkit/verifies';
import { expect, onTestFinished, test } from 'vitest';
import { BootJournal } from '../src/box/boot-journal.ts';
import { makeBoxFolders } from '../src/box/box-folders.ts';
import { runSetups } from '../src/box/plugin-setup.ts';
import { TimerWheel } from '../src/host/timer-wheel.ts';

function scratch() {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'molecule-box-folders-')));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const outside = join(folder, 'outside');
  mkdirSync(outside, { mode: 0o755 });
  const layout = boxLayout(join(folder, 'box'));
  makeBoxFolders(layout);
  return { folder, outside, layout };
}

const modeOf = (path: string): number => statSync(path).mode & 0o777;

test(
  verifies(
    'I2-sup-sandbox',
    'a link that the agent put in place of a folder of its home is removed, and what it leads to keeps its mode',
  ),
  () => {
    const { folder, outside, layout } = scratch();
    const temporary = join(layout.home, '.tmp');
    expect(modeOf(temporary)).toBe(0o700);
    const puts: readonly (() => void)[] = [
      () => symlinkSync(outside, temporary),
      () => symlinkSync(join(folder, 'nothing'), temporary),
      () => writeFileSync(temporary, 'a file'),
    ];
    for (const put of puts) {
      rmSync(temporary, { recursive: true, force: true });
      put();
      makeBoxFolders(layout);
      expect(lstatSync(temporary).isDirectory()).toBe(true);
      expect(modeOf(temporary)).toBe(0o700);
      expect(modeOf(outside)).toBe(0o755);
    }
    expect(existsSync(join(folder, 'nothing'))).toBe(false);
  },
);

test(
  verifies(
    ['I2-sup-sandbox', 'I4-setup'],
    "the folder of a plugin's setup is made inside the box, whatever link the agent put in the way",
  ),
  async () => {
    const { outside, layout } = scratch();
    symlinkSync(outside, join(layout.home, '.molecule'));
    const digest = `sha256:${'0'.repeat(64)}`;
    const setup = { command: '/bin/true', args: [], secrets: [] };
    const failed = await runSetups({
      artifacts: [
        { plugin: 'tools', digest, sizeBytes: 1, skills: [], required: false, setup },
      ] as unknown as Parameters<typeof runSetups>[0]['artifacts'], // names and digests are branded
      delivery: {
        folders: { tools: layout.work },
        outcomes: { tools: { digest, ok: true, reason: null } },
        skills: [],
      },
      layout,
      journal: new BootJournal(new TimerWheel(), async () => undefined),
      secrets: {},
      path: '/usr/bin',
      spawn: () => Promise.reject(new Error('nothing is started')),
    });
    expect([...failed]).toEqual(['tools']);
    expect(existsSync(join(outside, 'plugins'))).toBe(false);
  },
);

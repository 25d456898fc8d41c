// What an idle workspace holds in the process of the box host: resident memory of many beyond the first ones, after their boot, and the processor time of their heartbeats.
// The host is a real one, in its own process; a stand-in plays the control plane, since a thousand boots through a real one would measure that.
//   node --conditions=source bench/boxes.mjs [--boxes 1000] [--seconds 30] [--settle 6]      (how long beats are watched; how long memory settles before it is read)
import { spawn } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BOX_HOST_NODE_ARGUMENTS } from '../packages/supervisor/src/index.ts';
import { PROGRAMS, workspace } from '../packages/supervisor/test/harness.ts';
import { StandInControlPlane } from '../packages/supervisor/test/stand-in-control-plane.ts';
import { report } from './support/report.mjs';
import { memoryOf, watchCpu } from './support/smaps.mjs';

const option = (name, standard) =>
  process.argv.includes(name) ? Number(process.argv[process.argv.indexOf(name) + 1]) : standard;
const [count, seconds, settle] = [option('--boxes', 1000), option('--seconds', 30), option('--settle', 6)];
/** The first ones pay for code and pools that all share. */
const FIRST = 10;
const AT_ONCE = 100;
const BEAT_MS = 30_000;
const COLLECTIONS = 4;
const plane = await new StandInControlPlane().start();
const dataDir = realpathSync(mkdtempSync(join(tmpdir(), 'molecule-bench-')));
const host = spawn(
  process.execPath,
  [
    ...BOX_HOST_NODE_ARGUMENTS,
    '--expose-gc',
    '--conditions=source',
    join(PROGRAMS, 'host-process.ts'),
    dataDir,
    plane.url,
  ],
  { stdio: ['ignore', 'ignore', 'inherit'] },
);

const until = async (right, limitMs) => {
  for (const end = performance.now() + limitMs; !right(); ) {
    if (performance.now() > end) throw new Error('it takes too long');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};
const add = async (more) => {
  const boxes = Array.from({ length: more }, () =>
    plane.add(
      workspace({
        identity: { text: 'You are one of many. '.repeat(400), digest: 'sha256:many' },
        timing: { heartbeatIntervalMs: BEAT_MS, warmSessionMs: 0, proveIntervalMs: 3_600_000, turnDeadlineMs: 60_000 },
        servers: [
          {
            name: 'molecule-platform',
            plugin: 'molecule-platform-mcp',
            descriptor: {
              type: 'http',
              url: `${plane.url}/mcp`,
              headers: { authorization: 'Bearer ${MOLECULE_API_KEY}' },
            },
            required: true,
            requiredTools: ['provision_workspace'],
            witnessed: false,
          },
        ],
      }),
    ),
  );
  await until(() => boxes.every((box) => box.registers.length > 0), 120_000);
};
/** Resident memory in KiB once what the boots left behind is gone. */
const resident = async () => {
  for (let round = 0; round < COLLECTIONS; round += 1) {
    host.kill('SIGUSR2');
    await new Promise((resolve) => setTimeout(resolve, (settle * 1000) / COLLECTIONS));
  }
  return memoryOf(host.pid).rss * 1024;
};
try {
  await until(() => plane.connects.length > 0, 20_000);
  await add(FIRST);
  const before = await resident();
  for (let made = 0; made < count; made += AT_ONCE) await add(Math.min(AT_ONCE, count - made));
  const after = await resident();
  const used = watchCpu([host.pid]);
  const from = performance.now();
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const share = (used() * 1000) / (performance.now() - from);
  const each = (after - before) / count;
  report(
    `${count} idle workspaces in one box host`,
    `${each.toFixed(1)} KiB each`,
    '100 KiB',
    each <= 100,
    `RSS ${(before / 1024).toFixed(0)} -> ${(after / 1024).toFixed(0)} MiB; one beat in 30 s each: ${(share * 100).toFixed(1)} % of a core`,
  );
} finally {
  const gone = new Promise((resolve) => host.once('exit', resolve));
  host.kill('SIGTERM');
  await gone;
  await plane.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

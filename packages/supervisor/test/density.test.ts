import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifies } from '@molecule/testkit/verifies';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { BOX_HOST_NODE_ARGUMENTS } from '../src/index.ts';
import { PROGRAMS, until, workspace } from './harness.ts';
import { StandInControlPlane } from './stand-in-control-plane.ts';

/** The promise is 100 KiB for each idle workspace beyond the first (design: speed). */
const LIMIT_KIB = 100;
const FIRST = 50;
const MORE = 300;

let plane: StandInControlPlane;
let dataDir: string;
beforeEach(async () => {
  plane = await new StandInControlPlane().start();
  dataDir = realpathSync(mkdtempSync(join(tmpdir(), 'molecule-density-')));
});
afterEach(async () => {
  await plane.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

test(verifies(
  'I2-sup-many',
  '300 more idle workspaces hold at most 100 KiB each, no socket, and next to no processor time',
), { timeout: 120_000 }, async () => {
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
  const pid = host.pid ?? 0;
  const kib = (field: string) =>
    Number(new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]);
  const settle = async () => {
    for (let round = 0; round < 3; round += 1) {
      host.kill('SIGUSR2');
      const beats = plane.requests.length;
      await until('traffic after the collection', () => plane.requests.length > beats, 30_000);
    }
    return kib('Rss');
  };
  const ticks = () =>
    readFileSync(`/proc/${pid}/stat`, 'latin1')
      .split(' ')
      .slice(13, 15)
      .reduce((sum, value) => sum + Number(value), 0);
  const add = async (count: number) => {
    const boxes = Array.from({ length: count }, () =>
      plane.add(
        workspace({
          identity: { text: 'You are one of many. '.repeat(400), digest: 'sha256:many' },
          timing: { heartbeatIntervalMs: 5_000, warmSessionMs: 0, proveIntervalMs: 600_000, turnDeadlineMs: 60_000 },
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
    await until('all registrations', () => boxes.every(({ registers }) => registers.length > 0), 90_000);
    expect(boxes.every(({ registers }) => registers[0]?.mcp_tools_ready === true)).toBe(true);
  };
  try {
    await until('the connection', () => plane.connects[0]);
    await add(FIRST);
    const before = await settle();
    await add(MORE);
    const after = await settle();
    const each = (after - before) / MORE;
    const used = ticks();
    const startedAt = performance.now();
    const beats = plane.requests.length;
    await until('beats of all boxes', () => plane.requests.length > beats + FIRST + MORE, 30_000);
    const share = (ticks() - used) / 100 / ((performance.now() - startedAt) / 1000);
    process.stdout.write(
      `idle workspace: ${each.toFixed(1)} KiB; ${FIRST + MORE} of them, one beat in 5 s each: ${(share * 100).toFixed(1)} % of a core\n`,
    );
    expect(each).toBeLessThan(LIMIT_KIB);
    const sockets = plane.requests.filter((path) => path.includes('hosts/connect')).length;
    expect(sockets).toBe(1);
  } finally {
    const gone = new Promise((resolve) => host.once('exit', resolve));
    host.kill('SIGTERM');
    await gone;
  }
});

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isMoleculeError } from '@molecule/contracts';
import { verifies } from '@molecule/testkit/verifies';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isAlive, openBench, PROGRAMS, until, workspace } from './harness.ts';
import { StandInControlPlane, type StandInWorkspace } from './stand-in-control-plane.ts';

let plane: StandInControlPlane;
let dataDir: string;
const hosts: ChildProcess[] = [];

beforeEach(async () => {
  plane = await new StandInControlPlane().start();
  dataDir = realpathSync(mkdtempSync(join(tmpdir(), 'molecule-durability-')));
});
afterEach(async () => {
  for (const host of hosts.splice(0))
    if (host.exitCode === null && host.signalCode === null) await killed(host, 'SIGKILL');
  await plane.stop();
  rmSync(dataDir, { recursive: true, force: true });
  expect(plane.violations).toEqual([]);
});

function startHost(sandbox: 'none' | 'auto' = 'none'): ChildProcess {
  const host = spawn(
    process.execPath,
    ['--conditions=source', join(PROGRAMS, 'host-process.ts'), dataDir, plane.url, sandbox],
    { stdio: ['ignore', 'ignore', 'inherit'], detached: true },
  );
  hosts.push(host);
  return host;
}

async function killed(host: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const gone = new Promise((resolve) => host.once('exit', resolve));
  host.kill(signal);
  await gone;
}

const outbox = (box: StandInWorkspace) => {
  const folder = join(dataDir, 'boxes', box.id, 'run', 'outbox');
  return existsSync(folder) ? readdirSync(folder) : [];
};

test(
  verifies(
    ['I2-sup-outbox', 'I2-kill-host'],
    'a result that was not reported when the host was killed is reported by the next one, before anything else, and the turn does not run again',
  ),
  async () => {
    const host = startHost();
    const box = plane.add(workspace());
    await until('the registration', () => box.registers[0]);
    plane.refusals.set('/result', 'drop');
    const task = plane.addTask(box, 'say only once');
    await until(
      'the result on the disk',
      () => outbox(box)[0]?.endsWith('.json') && plane.requests.some((path) => path.endsWith('/result')),
    );
    expect(outbox(box)).toEqual([`${task.taskId}-1.json`]);
    await killed(host, 'SIGKILL');
    expect(task.result).toBeNull();

    plane.refusals.clear();
    plane.reboot(box);
    const seen = plane.requests.length;
    startHost();
    const result = await until('the result', () => task.result);
    expect(result).toMatchObject({ ok: true, text: 'only once', attempt: 1 });
    await until('the second registration', () => box.registers[1]);
    const registry = plane.requests
      .slice(seen)
      .filter((path) => path.includes('/registry/') && !path.endsWith('boot-events'));
    expect(registry.slice(0, 2).map((path) => path.split('/').at(-1))).toEqual(['enrol', 'result']);
    await until('the outbox is empty', () => outbox(box).length === 0);
    expect(task.attempt).toBe(1);
    expect(
      readFileSync(join(dataDir, 'boxes', box.id, 'work', 'agent-starts.txt'), 'utf8')
        .trim()
        .split('\n'),
    ).toHaveLength(1);
  },
);

test(verifies('I2-sup-lease', 'a result of an attempt that was overtaken is dropped'), async () => {
  const host = startHost();
  const box = plane.add(workspace());
  await until('the registration', () => box.registers[0]);
  plane.refusals.set('/result', 'drop');
  const task = plane.addTask(box, 'say old');
  await until('the result on the disk', () => outbox(box)[0]?.endsWith('.json'));
  await killed(host, 'SIGKILL');
  plane.refusals.clear();
  plane.reboot(box);
  task.attempt = 2;
  task.state = 'done';
  startHost();
  await until('the second registration', () => box.registers[1]);
  await until('the outbox is empty', () => outbox(box).length === 0);
  expect(task.result).toBeNull();
});

test.each(['none', 'auto'] as const)(
  verifies(
    ['I2-kill-host', 'I2-sup-group'],
    'what a killed host left running is ended, and the turn runs again as the next attempt (sandbox: %s)',
  ),
  async (sandbox) => {
    const host = startHost(sandbox);
    const box = plane.add(workspace());
    await until('the registration', () => box.registers[0]);
    const task = plane.addTask(box, 'hang');
    const file = join(dataDir, 'boxes', box.id, 'work', 'hanging.txt');
    const pids = await until(
      'the hanging turn',
      () => existsSync(file) && readFileSync(file, 'utf8').split(' ').map(Number),
    );
    await killed(host, 'SIGKILL');
    plane.reboot(box);
    Object.assign(task, { prompt: 'say done' });
    startHost(sandbox);
    expect(await until('the result', () => task.result)).toMatchObject({ ok: true, text: 'done', attempt: 2 });
    if (sandbox === 'none') expect(pids.some(isAlive)).toBe(false);
    expect(readdirSync(join(dataDir, 'boxes', box.id, 'run', 'processes')).length).toBe(1);
  },
);

test('SIGTERM ends a host in order: its turn is not reported and nothing is left', async () => {
  const host = startHost();
  const box = plane.add(workspace());
  await until('the registration', () => box.registers[0]);
  const task = plane.addTask(box, 'hang');
  const file = join(dataDir, 'boxes', box.id, 'work', 'hanging.txt');
  const pids = await until(
    'the hanging turn',
    () => existsSync(file) && readFileSync(file, 'utf8').split(' ').map(Number),
  );
  await killed(host, 'SIGTERM');
  expect(host.exitCode).toBe(0);
  expect(pids.some(isAlive)).toBe(false);
  expect(task.result).toBeNull();
  expect(existsSync(join(dataDir, 'run', 'box-host.lock'))).toBe(false);
});

test(
  verifies(
    'I2-kill-cp',
    'boxes survive a control plane that goes away and comes back on another port, and are adopted',
  ),
  async () => {
    const bench = await openBench();
    await bench.host.stop(0);
    const file = join(bench.dataDir, 'control-plane.json');
    const { writeFileSync } = await import('node:fs');
    writeFileSync(file, JSON.stringify({ url: bench.plane.url }));
    const host = await bench.restart({ controlPlane: { file } });
    const box = bench.plane.add(workspace());
    await until('the registration', () => box.registers[0]);
    const task = bench.plane.addTask(box, 'hang');
    await until('a working box', () => host.running()[0]?.state === 'working');
    await bench.plane.stop();
    await bench.plane.start();
    writeFileSync(file, JSON.stringify({ url: bench.plane.url }));
    const connect = await until('the connection', () =>
      bench.plane.connects.find(({ running }) => running.length === 1),
    );
    expect(connect.running).toEqual([{ workspaceId: box.id, bootId: box.bootId }]);
    const beats = box.beats.length;
    await until('beats', () => box.beats.length > beats);
    expect(box.registers).toHaveLength(1);
    bench.plane.order({ type: 'cancel', workspaceId: box.id, taskId: task.taskId });
    expect(await until('a result', () => task.result)).toMatchObject({ failure: 'cancelled', attempt: 1 });
    await bench.close();
  },
);

test('only one host per data directory; the lock of a killed one is taken over', async () => {
  const host = startHost();
  await until('the connection', () => plane.connects[0]);
  const { processBackend, startBoxHost } = await import('../src/index.ts');
  const start = () =>
    startBoxHost({
      dataDir,
      controlPlane: { url: plane.url },
      hostToken: 'host-token',
      env: {},
      adapters: [],
      backend: processBackend({ stateFolder: dataDir, sandbox: 'none' }),
      log: () => undefined,
      version: '0',
    });
  const refusal = await start().catch((error: unknown) => error);
  expect(isMoleculeError(refusal, 'data_dir_locked') && refusal.params['pid']).toBe(host.pid);
  const first = plane.connects[0]?.hostId;
  await killed(host, 'SIGKILL');
  const second = await start();
  expect(second.hostId).toBe(first);
  await second.stop(0);
});

test('a host whose control plane stays away ends itself when nothing runs', async () => {
  const bench = await openBench({ host: { abandonedMs: 400 } });
  await until('the connection', () => bench.plane.connects[0]);
  await bench.plane.stop();
  expect(await bench.host.finished).toBe('abandoned');
  await bench.close();
});

import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { endLeftovers, runInGroup } from '@molecule/backends';
import { readBootId, readProcessStat, stillRuns } from '@molecule/processes';
import { afterAll, describe, expect, test } from 'vitest';
import { LineSplitter } from '../src/line-splitter.ts';
import { readRecord } from '../src/recovery-record.ts';
import { boxFixture, node, readAll, runToEnd, shell, until } from './box-fixture.ts';

const box = boxFixture();
afterAll(() => box.remove());

describe('lines', () => {
  test('come from both streams, decoded whole, with and without a last line end', async () => {
    const { stdout, stderr, exit } = await runToEnd(
      shell(`printf 'ä\\303'; printf '\\244\\r\\nlast'; echo wrong >&2; exit 4`, box.own),
    );
    expect(stdout).toBe('ää\nlast\n');
    expect(stderr).toBe('wrong\n');
    expect(exit).toEqual({ code: 4, signal: null });
  });

  test('a line over the limit is an event with its beginning, and the next line is whole', async () => {
    const run = await runInGroup(node(`process.stdout.write('x'.repeat(300000) + '\\nnext\\n')`, box.own), {
      output: { maxLineBytes: 1_000 },
    });
    const events = [];
    for await (const event of run.output) events.push(event);
    expect(events).toMatchObject([
      { type: 'oversized', bytes: 300_000, stream: 'stdout' },
      { type: 'line', text: 'next' },
    ]);
    expect(events[0]?.type === 'oversized' && events[0].beginning).toBe('x'.repeat(1_024));
  });

  test('the splitter never holds more than its limit', () => {
    const splitter = new LineSplitter(10);
    const events = ['123456789', '0', '1', '2', '\n', 'ab\n', '', 'cd'].flatMap((part) =>
      splitter.push(Buffer.from(part)),
    );
    expect([...events, ...splitter.finish(), ...splitter.finish()]).toEqual([
      { type: 'oversized', bytes: 12, beginning: '12345678901' },
      { type: 'line', text: 'ab' },
      { type: 'line', text: 'cd' },
    ]);
  });

  test('a process waits while nobody reads, and everything arrives in the end', async () => {
    const progress = join(box.own, 'progress');
    const script = `for (let i = 0; i < 30000; i += 1) require('node:fs').writeSync(1, 'line ' + i + '\\n'); require('node:fs').writeFileSync('${progress}', 'done');`;
    const run = await runInGroup(node(script, box.own), { output: { maxWaitingLines: 100 } });
    let count = 0;
    for await (const event of run.output) {
      if (count === 0) expect(existsSync(progress)).toBe(false);
      if (event.type === 'line') expect(event.text).toBe(`line ${count}`);
      count += 1;
    }
    expect(count).toBe(30_000);
  });
});

test('output that someone outside holds open does not keep the reader for ever', async () => {
  // Without its environment and in a session of its own the daemon cannot be told from a stranger.
  const pidFile = join(box.own, 'stranger.pid');
  const run = await runInGroup(
    shell(
      `env -i setsid sh -c 'echo $$ > ${pidFile}; sleep 60' & while [ ! -s ${pidFile} ]; do sleep 0.01; done; echo last`,
      box.own,
    ),
  );
  expect((await readAll(run)).stdout).toBe('last\n');
  expect(await run.ended).toEqual({ code: 0, signal: null });
  process.kill(Number(readFileSync(pidFile, 'utf8')), 'SIGKILL');
});

describe('input', () => {
  test('reaches the process, and writing waits for a slow reader', async () => {
    const run = await runInGroup(shell('cat', box.own), { stdin: 'pipe' });
    const output = readAll(run);
    expect(await run.write(`${'y'.repeat(1_000_000)}\n`)).toBe(true);
    run.closeInput();
    expect((await output).stdout.length).toBe(1_000_001);
  });

  test('a process that reads no more is told to the writer and breaks nothing', async () => {
    const run = await runInGroup(shell('exec <&-; echo closed; sleep 60', box.own), { stdin: 'pipe' });
    for await (const event of run.output) if (event.type === 'line') break;
    expect(await run.write('z'.repeat(1_000_000))).toBe(false);
    await run.end({ graceMs: 1_000 });
    expect(await run.write('after the end')).toBe(false);
  });
});

test('a command that does not exist is an error of the system, and leaves no record', async () => {
  const recordFile = join(box.data, 'record-none');
  await expect(
    runInGroup({ command: join(box.own, 'no-such-program'), args: [], env: {}, cwd: box.own }, { recordFile }),
  ).rejects.toThrow('ENOENT');
  expect(existsSync(recordFile)).toBe(false);
});

describe('leftovers of a killed host', () => {
  test('the record names the process while it runs and is gone after its end', async () => {
    const recordFile = join(box.data, 'record-life');
    const run = await runInGroup(shell('sleep 60', box.own), { recordFile });
    const record = readRecord(recordFile);
    expect(record).toMatchObject({ bootId: readBootId(), leader: { pid: run.pid } });
    expect(record?.leader && stillRuns(record.leader)).toBe(true);
    await run.end({ graceMs: 1_000 });
    expect(existsSync(recordFile)).toBe(false);
  });

  test('are ended by the marker, even a daemon whose leader has gone', async () => {
    const recordFile = join(box.data, 'record-daemon');
    const [pidFile, marker] = [join(box.own, 'daemon.pid'), 'marker-of-a-killed-host'];
    const env = { PATH: process.env['PATH'] ?? '', MOLECULE_BOX_PROCESS: marker };
    const leader = spawn('/bin/sh', ['-c', `setsid sh -c 'sleep 300 & echo $! > ${pidFile}' & wait`], {
      env,
      stdio: 'ignore',
      detached: true,
    });
    const startTime = readProcessStat(leader.pid ?? 0)?.startTime;
    await until('the daemon runs and its leader has gone', () => existsSync(pidFile) && leader.exitCode !== null);
    // A torn last line is what a crash in the middle of a write leaves.
    const lines = [{ bootId: readBootId(), marker }, { leader: { pid: leader.pid, startTime } }].map((each) =>
      JSON.stringify(each),
    );
    writeFileSync(recordFile, `${lines.join('\n')}\n{"leader":{"pi`);
    expect(await endLeftovers(recordFile)).toBe(1);
    expect(existsSync(recordFile)).toBe(false);
    expect(await endLeftovers(recordFile)).toBe(0);
  });

  test('spare a process that only has the recorded number, and everything after a reboot', async () => {
    const bystander = spawn('sleep', ['60'], { stdio: 'ignore', detached: true });
    const pid = bystander.pid ?? 0;
    mkdirSync(join(box.data, 'records'), { recursive: true });
    const other = join(box.data, 'records/other-start');
    writeFileSync(
      other,
      `${JSON.stringify({ bootId: readBootId(), marker: 'no-such', leader: { pid, startTime: '1' } })}\n`,
    );
    const earlier = join(box.data, 'records/earlier-boot');
    writeFileSync(
      earlier,
      `${JSON.stringify({ bootId: 'earlier', marker: 'no-such', leader: { pid, startTime: readProcessStat(pid)?.startTime } })}\n`,
    );
    expect(await endLeftovers(other)).toBe(0);
    expect(await endLeftovers(earlier)).toBe(0);
    expect(bystander.exitCode === null && bystander.signalCode === null).toBe(true);
    bystander.kill('SIGKILL');
  });
});

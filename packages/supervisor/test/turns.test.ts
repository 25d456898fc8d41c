import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type HeartbeatReply, newId } from '@molecule/contracts';
import { verifies } from '@molecule/testkit/verifies';
import { afterEach, expect, test } from 'vitest';
import { type Bench, isAlive, openBench, until, workspace } from './harness.ts';

let bench: Bench;
afterEach(async () => {
  expect(bench.plane.violations).toEqual([]);
  await bench.close();
});

async function online(more: Record<string, unknown> = {}, options: Parameters<typeof openBench>[0] = {}) {
  bench = await openBench(options);
  const box = bench.plane.add(workspace(more));
  await until('the registration', () => box.registers[0]);
  return box;
}

function starts(box: Parameters<Bench['box']>[0]): number {
  return readFileSync(join(bench.box(box).work, 'agent-starts.txt'), 'utf8')
    .trim()
    .split('\n').length;
}

/** Process ids of the hanging agent and the child it forked into a session of its own. */
async function hanging(box: Parameters<Bench['box']>[0]): Promise<number[]> {
  const file = join(bench.box(box).work, 'hanging.txt');
  return until('the hanging turn', () => existsSync(file) && readFileSync(file, 'utf8').split(' ').map(Number));
}

test('runs turns, reports events and the result, and keeps the session of a conversation warm', async () => {
  const box = await online();
  const conversationId = newId();
  const first = bench.plane.addTask(box, 'say hello', { conversationId });
  const result = await until('a result', () => first.result);
  expect(result).toMatchObject({ ok: true, text: 'hello', failure: null, sessionId: 'session-1', attempt: 1 });
  expect(result.events.map(({ type }) => type)).toEqual(['text', 'end']);
  const second = bench.plane.addTask(box, 'say again', { conversationId });
  await until('a result', () => second.result);
  expect(starts(box)).toBe(1);
  const other = bench.plane.addTask(box, 'usage', { conversationId: newId() });
  expect((await until('a result', () => other.result)).usage).toEqual({
    inputTokens: 12,
    outputTokens: 5,
    cachedTokens: 4,
  });
  expect(starts(box)).toBe(2);
  await until('the outbox is empty', () => readdirSync(join(bench.box(box).run, 'outbox')).length === 0);
});

test(
  verifies('I2-sup-lease', 'the next turn comes with the answer to the last result, without being asked for'),
  async () => {
    const box = await online();
    const first = bench.plane.addTask(box, 'say one');
    const second = { ...first, taskId: newId(), prompt: 'say two' };
    box.tasks.push(second);
    expect((await until('a result', () => second.result)).text).toBe('two');
    expect(first.result).toMatchObject({ ok: true, text: 'one' });
    expect(bench.plane.requests.filter((path) => path.endsWith('/tasks/lease'))).toHaveLength(1);
  },
);

test(verifies('I2-sup-lease', 'a turn leased for a newer desired state waits until that is in force'), async () => {
  // The beat that would bring the order does not come in time.
  const timing = {
    heartbeatIntervalMs: 60_000,
    warmSessionMs: 60_000,
    proveIntervalMs: 60_000,
    turnDeadlineMs: 60_000,
  };
  const box = await online({ timing });
  const before = bench.plane.addTask(box, 'env LLM_PROVIDER');
  expect((await until('a result', () => before.result)).text).toBe('undefined');
  box.desired = { ...box.desired, generation: 2, providerPin: 'platform' };
  box.generation = 2;
  const after = bench.plane.addTask(box, 'env LLM_PROVIDER');
  expect((await until('a result', () => after.result)).text).toBe('platform');
});

test('evicts the longest unused warm session of the whole host, and ends one after its warm time', async () => {
  const box = await online(
    { timing: { heartbeatIntervalMs: 200, warmSessionMs: 300, proveIntervalMs: 60_000, turnDeadlineMs: 60_000 } },
    { host: { warmSessions: 1 } },
  );
  const conversations = [newId(), newId()];
  for (const conversationId of conversations) {
    const task = bench.plane.addTask(box, 'say hi', { conversationId });
    await until('a result', () => task.result);
  }
  const pids = readFileSync(join(bench.box(box).work, 'agent-starts.txt'), 'utf8')
    .trim()
    .split('\n')
    .map(Number);
  await until('the eviction', () => !isAlive(pids[0] ?? 0));
  await until('the end of the warm time', () => !isAlive(pids[1] ?? 0));
});

test('many events arrive in order, in batches, and are whole in the result', async () => {
  const box = await online();
  const task = bench.plane.addTask(box, 'many 1000');
  const result = await until('a result', () => task.result);
  expect(
    result.events
      .filter(({ type }) => type === 'tool_call')
      .map((event) => (event.type === 'tool_call' ? event.input : null)),
  ).toEqual(Array.from({ length: 1000 }, (_, index) => index));
  expect(bench.plane.requests.filter((path) => path.endsWith('/events')).length).toBeLessThan(100);
});

test('passes on how the runtime says a turn failed, and says itself when the runtime dies', async () => {
  const box = await online();
  const quota = bench.plane.addTask(box, 'fail');
  expect(await until('a result', () => quota.result)).toMatchObject({
    ok: false,
    failure: 'quota',
    message: 'no credit left',
  });
  const crash = bench.plane.addTask(box, 'crash');
  const result = await until('a result', () => crash.result);
  expect(result).toMatchObject({ ok: false, failure: 'crash' });
  expect(result.events.filter(({ type }) => type === 'end')).toMatchObject([{ ok: false, failure: 'crash' }]);
  const after = bench.plane.addTask(box, 'say still here');
  expect((await until('a result', () => after.result)).text).toBe('still here');
});

test(
  verifies(
    'I2-kill-agent',
    'a turn whose agent is killed is reported once, as a crash: only a new attempt runs it again, because effects are counted by attempt',
  ),
  async () => {
    const box = await online();
    const task = bench.plane.addTask(box, 'wait');
    const file = join(bench.box(box).work, 'agent-starts.txt');
    await until('the agent', () => existsSync(file) && starts(box) === 1);
    process.kill(Number(readFileSync(file, 'utf8').trim()), 'SIGKILL');
    const result = await until('a result', () => task.result);
    expect(result).toMatchObject({ ok: false, failure: 'crash', attempt: 1 });
    expect(result.events.filter(({ type }) => type === 'end')).toHaveLength(1);
    expect(starts(box)).toBe(1);
  },
);

test(
  verifies(
    ['I2-sup-sandbox', 'I2-sup-isolation'],
    'a turn can write its own folder and reach nothing else of the installation, and that was measured',
  ),
  async () => {
    const box = await online({}, { sandbox: 'auto' });
    const other = bench.plane.add(workspace());
    await until('the other registration', () => other.registers[0]);
    writeFileSync(join(bench.dataDir, 'run', 'host-token'), 'secret', { mode: 0o644 });
    const answer = async (prompt: string) => {
      const task = bench.plane.addTask(box, prompt);
      return (await until(`the answer to ${prompt}`, () => task.result)).text;
    };
    const { home, work, run } = bench.box(box);
    expect(await answer(`write ${work}/mine.txt`)).toBe('written');
    expect(await answer(`write ${home}/mine.txt`)).toBe('written');
    for (const path of [
      `${run}/applied.json`,
      `${bench.dataDir}/run/host-token`,
      `${bench.box(other).home}/.testrt/IDENTITY.md`,
      join(import.meta.dirname, 'turns.test.ts'),
    ]) {
      expect(existsSync(path)).toBe(true);
      expect(await answer(`read ${path}`)).toBe('ENOENT');
    }
    expect(await answer(`write ${bench.box(other).work}/theirs.txt`)).toMatch(/ENOENT|EROFS/);
    const measured = await until(
      'the measurement',
      () => box.registers.find(({ isolation }) => isolation?.['measured'] === true)?.isolation,
    );
    expect(measured).toMatchObject({
      mechanism: 'bubblewrap',
      filesystem: 'enforced',
      processes: 'enforced',
      network: 'enforced',
      user: 'enforced',
    });
  },
);

test.each(['none', 'auto'] as const)(
  verifies(
    'I2-sup-group',
    'a cancelled turn that ignores SIGTERM and forks is ended by force and leaves nothing (sandbox: %s)',
  ),
  async (sandbox) => {
    const box = await online({}, { sandbox });
    const task = bench.plane.addTask(box, 'hang');
    const pids = await hanging(box);
    const outside = sandbox === 'none' ? pids : [];
    expect(outside.every(isAlive)).toBe(true);
    const records = () => readdirSync(join(bench.box(box).run, 'processes'));
    expect(records().length).toBe(1);
    bench.plane.order({ type: 'cancel', workspaceId: box.id, taskId: task.taskId });
    const result = await until('a result', () => task.result);
    expect(result).toMatchObject({ ok: false, failure: 'cancelled', text: 'hanging' });
    await until('nothing left', () => (!outside.some(isAlive) && records().length === 0 ? true : undefined));
  },
);

test(verifies('I2-sup-group', 'a turn ends at its deadline with the failure timeout'), async () => {
  const box = await online();
  const task = bench.plane.addTask(box, 'hang', { deadlineMs: 600 });
  const pids = await hanging(box);
  expect(await until('a result', () => task.result)).toMatchObject({ ok: false, failure: 'timeout' });
  expect(pids.some(isAlive)).toBe(false);
});

test('a heartbeat renews the lease while working, and its reply can cancel the turn', async () => {
  const box = await online({
    timing: { heartbeatIntervalMs: 100, warmSessionMs: 0, proveIntervalMs: 60_000, turnDeadlineMs: 60_000 },
  });
  const task = bench.plane.addTask(box, 'hang');
  await hanging(box);
  const beat = await until('a beat with the attempt', () =>
    box.beats.find(({ running }) => running !== null && running !== undefined),
  );
  expect(beat.running).toEqual({ taskId: task.taskId, attempt: 1 });
  box.cancel = [task.taskId];
  expect(await until('a result', () => task.result)).toMatchObject({ failure: 'cancelled' });
});

test(
  verifies('I2-sup-lease', 'what a heartbeat says of an earlier attempt does not touch the one in progress'),
  async () => {
    const box = await online({
      timing: { heartbeatIntervalMs: 50, warmSessionMs: 0, proveIntervalMs: 60_000, turnDeadlineMs: 60_000 },
    });
    const task = bench.plane.addTask(box, 'hang');
    await hanging(box);
    box.stop = { taskId: task.taskId, attempt: 0, reason: 'lost' } as HeartbeatReply['stop'];
    const before = box.beats.length;
    await until('some beats', () => box.beats.length >= before + 3);
    // A turn that had lost its lease would report nothing.
    box.stop = null;
    box.cancel = [task.taskId];
    expect(await until('a result', () => task.result)).toMatchObject({ attempt: 1, failure: 'cancelled' });
  },
);

test(verifies('I2-sup-lease', 'a lost lease ends the turn and its result is dropped'), async () => {
  const box = await online();
  bench.plane.refusals.set('/events', 'task_not_leased');
  const task = bench.plane.addTask(box, 'hang');
  const pids = await hanging(box);
  await until('the end of the turn', () => !pids.some(isAlive));
  await until('the box is idle again', () => bench.host.running()[0]?.state === 'idle');
  expect(task.result).toBeNull();
  expect(existsSync(join(bench.box(box).run, 'outbox'))).toBe(false);
});

test(verifies('I2-sup-lease', 'a boot that was replaced ends itself, its turn, and reports nothing'), async () => {
  const box = await online();
  const task = bench.plane.addTask(box, 'hang');
  const pids = await hanging(box);
  bench.plane.refusals.set('/registry/heartbeat', 'boot_superseded');
  bench.plane.order({ type: 'beat', workspaceId: box.id });
  await until('the end of the box', () => bench.host.running().length === 0);
  expect(pids.some(isAlive)).toBe(false);
  expect(task.result).toBeNull();
});

test(
  verifies(['B45', 'I2-sup-group'], 'a stopped box leaves no process and no handle, and wiping removes its folder'),
  async () => {
    const box = await online();
    bench.plane.addTask(box, 'hang');
    const pids = await hanging(box);
    box.wanted = false;
    bench.plane.order({ type: 'stop', workspaceId: box.id, bootId: box.bootId, graceMs: 100, wipe: true });
    await until(
      'the box is gone',
      () => bench.host.running().length === 0 && !existsSync(join(bench.dataDir, 'boxes', box.id)),
    );
    expect(pids.some(isAlive)).toBe(false);
    await bench.host.stop(0);
    await bench.plane.stop();
    await until(
      'all handles are closed',
      () =>
        !process
          .getActiveResourcesInfo()
          .some((kind) => ['TCPSocketWrap', 'ProcessWrap', 'FSEventWrap', 'TCPServerWrap'].includes(kind)),
    );
  },
);

test('a result that cannot be put on the disk is reported all the same', async () => {
  const box = await online();
  writeFileSync(join(bench.box(box).run, 'outbox'), 'a file where the folder should be');
  const task = bench.plane.addTask(box, 'say it');
  expect(await until('a result', () => task.result)).toMatchObject({ ok: true, text: 'it' });
  expect(bench.log.some((line) => line.startsWith('a result could not be written'))).toBe(true);
});

test('while a session is warm, drift is noticed at once and not at the next beat', async () => {
  const box = await online({
    timing: { heartbeatIntervalMs: 3_600_000, warmSessionMs: 60_000, proveIntervalMs: 60_000, turnDeadlineMs: 60_000 },
  });
  const task = bench.plane.addTask(box, 'say warm', { conversationId: newId() });
  await until('a result', () => task.result);
  const identity = join(bench.box(box).home, '.testrt/IDENTITY.md');
  await until('the end of the turn', () => bench.host.running()[0]?.state === 'idle');
  writeFileSync(identity, 'You are somebody else.');
  await until('the repair', () => readFileSync(identity, 'utf8') === 'You are research.');
  await until('the record', () => box.bootEvents.some(({ step }) => step === 'drift.repaired'));
});

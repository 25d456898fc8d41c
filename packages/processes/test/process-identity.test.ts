import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { identifyProcess, isRunning, readProcessStat, stillRuns } from '../src/index.ts';

describe('the identity of a process', () => {
  test('is the same as long as it lives, and is not another one with the same id', async () => {
    const child = spawn('sleep', ['60']);
    const pid = child.pid ?? 0;
    const { startToken } = identifyProcess(pid);
    expect(isRunning(pid, startToken)).toBe(true);
    expect(isRunning(pid, `${startToken}0`)).toBe(false);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(isRunning(pid, startToken)).toBe(false);
  });

  test('of numbers that are none is "gone"', () => {
    for (const pid of [0, -1, 1.5, Number.NaN]) expect(identifyProcess(pid).state).toBe('gone');
  });
});

test.runIf(process.platform === 'linux')('a process of a later start with the same id is not the same', async () => {
  const child = spawn('sleep', ['60']);
  const { pid = 0 } = child;
  const startTime = readProcessStat(pid)?.startTime ?? '';
  expect(stillRuns({ pid, startTime })).toBe(true);
  expect(stillRuns({ pid, startTime: `${startTime}0` })).toBe(false);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(stillRuns({ pid, startTime })).toBe(false);
});

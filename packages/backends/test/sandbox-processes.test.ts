import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSandbox, runInGroup, type Sandbox } from '@molecule/backends';
import { verifies } from '@molecule/testkit/verifies';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { boxFixture, runToEnd, shell, until } from './box-fixture.ts';

/** A daemon as they are written: fork, new session, fork, and the parents exit. `name` is in its command line. */
const daemon = (name: string) =>
  `(setsid sh -c '(sh -c "while :; do echo > ${name}; sleep 0.05; done") >/dev/null 2>&1 </dev/null &' &) ; while [ ! -s ${name} ]; do sleep 0.01; done`;

/** Looks at the whole machine, so that no way of hiding from the code under test hides from the test. */
function isRunning(name: string): boolean {
  return readdirSync('/proc').some((entry) => {
    try {
      return (
        /^\d+$/.test(entry) &&
        readFileSync(`/proc/${entry}/cmdline`, 'utf8').includes(`echo > ${name};`) &&
        !readFileSync(`/proc/${entry}/stat`, 'utf8').includes(') Z ')
      );
    } catch {
      return false;
    }
  });
}

describe.each(['sandbox', 'none'] as const)('processes, isolation: %s', (kind) => {
  const box = boxFixture();
  let sandbox: Sandbox | undefined;
  const options = () => (sandbox === undefined ? {} : { sandbox });

  beforeAll(async () => {
    if (kind === 'sandbox') sandbox = await createSandbox(box.policy());
  });
  afterAll(() => {
    sandbox?.close();
    box.remove();
  });

  test(verifies('I2-sup-group', 'a daemon that the process leaves behind is gone once `ended` resolves'), async () => {
    const run = await runInGroup(shell(`${daemon('left')}; exit 3`, box.own), options());
    expect(await run.ended).toEqual({ code: 3, signal: null });
    expect(existsSync(join(box.own, 'left'))).toBe(true);
    expect(isRunning('left')).toBe(false);
  });

  test('end() reaches a running process and its daemon', async () => {
    const run = await runInGroup(shell(`${daemon('ended')}; echo ready; sleep 60`, box.own), options());
    for await (const event of run.output) if (event.type === 'line' && event.text === 'ready') break;
    expect(isRunning('ended')).toBe(true);
    const started = performance.now();
    await run.end({ graceMs: 60_000 });
    expect(performance.now() - started).toBeLessThan(30_000);
    expect(isRunning('ended')).toBe(false);
  });

  test('end() gives time to tidy up, and then no more', async () => {
    const tidy = await runInGroup(
      shell(`trap 'echo tidied > tidy; exit 7' TERM; echo ready; while :; do sleep 0.02; done`, box.own),
      options(),
    );
    for await (const event of tidy.output) if (event.type === 'line') break;
    expect(await tidy.end({ graceMs: 10_000 })).toEqual({ code: 7, signal: null });
    expect(existsSync(join(box.own, 'tidy'))).toBe(true);

    const deaf = await runInGroup(shell(`trap '' TERM; echo ready; while :; do sleep 0.02; done`, box.own), options());
    for await (const event of deaf.output) if (event.type === 'line') break;
    const exit = await deaf.end({ graceMs: 100 });
    expect(exit.signal === 'SIGKILL' || exit.code === 137).toBe(true);
  });

  test(verifies(['I2-sup-group', 'I2-kill-host'], 'kill -9 of the host leaves nothing'), async () => {
    const host = startHost(box.own, kind, JSON.stringify(box.policy()), `${daemon('orphan')}; echo ready; sleep 60`);
    await new Promise<void>((resolve) => host.stdout?.once('data', () => resolve()));
    expect(isRunning('orphan')).toBe(true);
    host.kill('SIGKILL');
    await until('the daemon is gone', () => !isRunning('orphan'));
  });
});

test('processes of the machine can be neither seen nor signalled', async () => {
  const box = boxFixture();
  const sandbox = await createSandbox(box.policy());
  const outside = spawn('/bin/sleep', ['60'], { stdio: 'ignore' });
  const { stdout } = await runToEnd(
    shell(`kill -9 ${outside.pid} 2>/dev/null && echo killed; ls /proc | grep -c '^[0-9]'`, box.own),
    { sandbox },
  );
  expect(stdout).not.toContain('killed');
  // bubblewrap's first process, the shell, and the two programs of the pipe.
  expect(Number(stdout)).toBeLessThanOrEqual(4);
  expect(outside.exitCode).toBeNull();
  outside.kill('SIGKILL');
  sandbox.close();
  box.remove();
});

function startHost(cwd: string, kind: string, policy: string, script: string): ChildProcess {
  const program = `
    import { createSandbox, runInGroup } from '@molecule/backends';
    const sandbox = ${JSON.stringify(kind)} === 'sandbox' ? await createSandbox(${policy}) : undefined;
    const run = await runInGroup({ command: '/bin/sh', args: ['-c', ${JSON.stringify(script)}], env: { PATH: process.env.PATH }, cwd: ${JSON.stringify(cwd)} }, sandbox ? { sandbox } : {});
    for await (const event of run.output) console.log(event.text);
  `;
  return spawn(process.execPath, ['--conditions=source', '--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd: import.meta.dirname,
  });
}

import { startTestInstallation } from '@molecule/testkit/installation';
import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import { benchFigures, expectMeasured } from './bench-figures.ts';

/* That the benches of a running installation measure what they say. Whether their bounds hold is not asked here. */

test(
  verifies(['I2-bench-launcher', 'I2-bench-launcher-memory'], 'time and memory of the launcher are measured'),
  async () => {
    const house = await startTestInstallation();
    try {
      const run = await benchFigures('launcher.mjs', ['--runs', '1'], { MOLECULE_DATA_DIR: house.dataDir });
      expectMeasured(run, ['launcher, spawn to tools/list', 'launcher, memory']);
    } finally {
      await house.dispose();
    }
  },
);

test(verifies('I2-bench-idle', 'memory and processor time of an idle installation are measured'), async () => {
  const { found, output } = await benchFigures('idle.mjs', ['--seconds', '1', '--settle', '0']);
  expect(found.get('idle memory'), output).toBeGreaterThan(50);
  expect(found.get('idle processor time'), output).toBeGreaterThanOrEqual(0);
});

test(verifies(['I2-bench-provision', 'I2-bench-reup'], 'provisioning and the second start are measured'), async () => {
  expectMeasured(await benchFigures('lifecycle.mjs', ['--runs', '1']), [
    'provision to proved online',
    'second up to concierge online',
  ]);
});

test(verifies('I2-bench-routes', 'the rates of a list route and of a write route are measured'), async () => {
  expectMeasured(await benchFigures('routes.mjs', ['--seconds', '1', '--rounds', '1']), ['list route', 'write route']);
});

test(
  verifies(
    'I2-bench-heartbeat',
    'heartbeats are measured beside the empty route, and what was acknowledged is counted',
  ),
  async () => {
    expectMeasured(await benchFigures('heartbeats.mjs', ['--boxes', '20', '--seconds', '1', '--rounds', '1']), [
      'heartbeats that change nothing',
      'changes that were acknowledged',
    ]);
  },
);

test(verifies('I2-bench-fleet', 'processor time and transactions of a calm fleet are measured'), async () => {
  const { found, output } = await benchFigures('fleet.mjs', ['--boxes', '50', '--seconds', '2']);
  expect(found.get('50 workspaces at 30 s'), output).toBeGreaterThanOrEqual(0);
  expect(found.get('transactions while nothing changes'), output).toBeGreaterThanOrEqual(0);
});

test(verifies('I2-bench-box', 'the memory of idle workspaces is measured'), async () => {
  const { found, output } = await benchFigures('boxes.mjs', ['--boxes', '50', '--seconds', '1', '--settle', '0.4']);
  expect([...found.keys()], output).toContain('50 idle workspaces in one box host');
});

test(verifies('I2-bench-wake', 'the wake of an agent that does nothing is measured'), async () => {
  expectMeasured(await benchFigures('wake.mjs', ['--runs', '1']), ['wake of an agent that runs /bin/true']);
});

test(
  verifies(
    ['I2-bench-cold', 'I2-bench-warm'],
    'a cold and a warm turn of the real CLI are measured beside the same CLI by hand, and bounded by it',
  ),
  async () => {
    const run = await benchFigures('turns.mjs', ['--cold', '1', '--warm', '1']);
    expectMeasured(run, ['cold chat turn with Claude Code', 'warm chat turn with Claude Code']);
    const { output } = run;
    for (const [name, times, more] of [
      ['cold', 1.1, 50],
      ['warm', 1.5, 30],
    ] as const) {
      const line = new RegExp(
        `  ${name} chat turn .*\\(bound ${times} x bare \\+ ${more} = (\\d+) ms\\).*; bare (\\d+) ms`,
      ).exec(output);
      const [bound, bare] = [Number(line?.[1]), Number(line?.[2])];
      expect(bare, output).toBeGreaterThan(0);
      // Both are printed as whole milliseconds.
      expect(Math.abs(bound - (bare * times + more)), output).toBeLessThan(2);
    }
  },
);

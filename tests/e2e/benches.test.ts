import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { INSTALLATION_ROOT, startTestInstallation } from '@molecule/testkit/installation';
import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';

/*
 * That each bench runs and measures what it says. Whether its bound holds is not asked here: a figure taken beside other tests
 * proves nothing (bench/README.md says how to take one).
 */

const LIMIT_MS = 180_000;

/** Installation, build and start of a fresh clone; some 30 s on a quiet machine. */
const FIRST_UP_LIMIT_MS = 500_000;

/** How npm reaches its registry on this machine, where that is not in a file. */
const REGISTRY_VARIABLE =
  /^(npm_config_(registry|userconfig|globalconfig|cache|ca|cafile|proxy|https_proxy|noproxy|strict_ssl)|(https?|no)_proxy|node_extra_ca_certs|ssl_cert_file)$/i;

function registryEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      value !== undefined && REGISTRY_VARIABLE.test(name) ? [[name, value]] : [],
    ),
  );
}

/** Runs a bench and gives its figures by name. */
async function figures(
  file: string,
  args: readonly string[],
  env: Record<string, string> = {},
  timeout: number = LIMIT_MS,
) {
  const path = join(INSTALLATION_ROOT, 'bench', file);
  expect(existsSync(path)).toBe(true);
  const output = await new Promise<string>((resolve, reject) => {
    execFile(
      process.execPath,
      [path, ...args],
      { encoding: 'utf8', timeout, env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env } },
      (error, stdout, stderr) => {
        // 1 is a bound that does not hold; anything else is a bench that failed.
        if (error !== null && error.code !== 1) reject(new Error(`${file}: ${error.message}\n${stdout}${stderr}`));
        else resolve(`${stdout}${stderr}`);
      },
    );
  });
  const found = new Map<string, number>();
  for (const [, name = '', figure = ''] of output.matchAll(/^(?:ok|NO) {2}(.+?): (-?\d+(?:\.\d+)?)/gm))
    found.set(name, Number(figure));
  return { found, output };
}

/** Demands that every named figure was measured, and is above nothing unless it may be nothing. */
async function expectMeasured(run: ReturnType<typeof figures>, names: readonly string[]): Promise<void> {
  const { found, output } = await run;
  for (const name of names) expect(found.get(name), `${name} in:\n${output}`).toBeGreaterThan(0);
}

test(verifies(['I2-bench-launcher', 'I2-bench-launcher-memory'], 'time and memory of the launcher are measured'), {
  timeout: LIMIT_MS,
}, async () => {
  const house = await startTestInstallation();
  try {
    const run = figures('launcher.mjs', ['--runs', '1'], { MOLECULE_DATA_DIR: house.dataDir });
    await expectMeasured(run, ['launcher, spawn to tools/list', 'launcher, memory']);
  } finally {
    await house.dispose();
  }
});

test(verifies('I2-bench-idle', 'memory and processor time of an idle installation are measured'), {
  timeout: LIMIT_MS,
}, async () => {
  const { found, output } = await figures('idle.mjs', ['--seconds', '1', '--settle', '0']);
  expect(found.get('idle memory'), output).toBeGreaterThan(50);
  expect(found.get('idle processor time'), output).toBeGreaterThanOrEqual(0);
});

test(verifies(['I2-bench-provision', 'I2-bench-reup'], 'provisioning and the second start are measured'), {
  timeout: LIMIT_MS,
}, async () => {
  await expectMeasured(figures('lifecycle.mjs', ['--runs', '1']), [
    'provision to proved online',
    'second up to concierge online',
  ]);
});

test(verifies('I2-bench-routes', 'the rates of a list route and of a write route are measured'), {
  timeout: LIMIT_MS,
}, async () => {
  await expectMeasured(figures('routes.mjs', ['--seconds', '1', '--rounds', '1']), ['list route', 'write route']);
});

test(verifies(
  'I2-bench-heartbeat',
  'heartbeats are measured beside the empty route, and what was acknowledged is counted',
), {
  timeout: LIMIT_MS,
}, async () => {
  await expectMeasured(figures('heartbeats.mjs', ['--boxes', '20', '--seconds', '1', '--rounds', '1']), [
    'heartbeats that change nothing',
    'changes that were acknowledged',
  ]);
});

test(verifies('I2-bench-fleet', 'processor time and transactions of a calm fleet are measured'), {
  timeout: LIMIT_MS,
}, async () => {
  const { found, output } = await figures('fleet.mjs', ['--boxes', '50', '--seconds', '2']);
  expect(found.get('50 workspaces at 30 s'), output).toBeGreaterThanOrEqual(0);
  expect(found.get('transactions while nothing changes'), output).toBeGreaterThanOrEqual(0);
});

test(verifies('I2-bench-box', 'the memory of idle workspaces is measured'), { timeout: LIMIT_MS }, async () => {
  const { found, output } = await figures('boxes.mjs', ['--boxes', '50', '--seconds', '1', '--settle', '0.4']);
  expect([...found.keys()], output).toContain('50 idle workspaces in one box host');
});

test(verifies('I2-bench-wake', 'the wake of an agent that does nothing is measured'), {
  timeout: LIMIT_MS,
}, async () => {
  await expectMeasured(figures('wake.mjs', ['--runs', '1']), ['wake of an agent that runs /bin/true']);
});

test(verifies(
  ['I2-bench-cold', 'I2-bench-warm'],
  'a cold and a warm turn of the real CLI are measured beside the same CLI by hand, and bounded by it',
), {
  timeout: LIMIT_MS,
}, async () => {
  const run = figures('turns.mjs', ['--cold', '1', '--warm', '1']);
  await expectMeasured(run, ['cold chat turn with Claude Code', 'warm chat turn with Claude Code']);
  const { output } = await run;
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
});

test(verifies('I2-bench-first', 'the first start of a fresh clone is measured, part by part, with its size'), {
  timeout: FIRST_UP_LIMIT_MS,
}, async () => {
  const run = figures('first-up.mjs', ['--warm-cache'], registryEnvironment(), FIRST_UP_LIMIT_MS);
  await expectMeasured(run, ['first up from a fresh clone, warm cache', 'on the disk']);
  const { output } = await run;
  for (const part of [/s {2}\[\d\/\d\] Node/, /s {2}\[\d\/\d\] dependencies/, /s {2}\[\d\/\d\] build/, /s {2}ready/])
    expect(output).toMatch(part);
  expect(output).toContain('concierge online');
  expect(output).toMatch(/node_modules \d+, Node \d+, data \d+/);
});

test(verifies('I3-bench-noop', 'a reconcile of all runtimes with nothing to do is measured'), {
  timeout: LIMIT_MS,
}, async () => {
  const { found, output } = await figures('reconcile.mjs', ['--rounds', '3']);
  const runtimes = [...output.matchAll(/^(\S+) +median (\d+\.\d+) ms$/gm)];
  expect(runtimes.length, output).toBeGreaterThanOrEqual(7);
  expect(found.get(`no-op reconcile of ${runtimes.length} runtimes`), output).toBeGreaterThan(0);
});

test(verifies('I3-bench-command', 'the command with nothing to do is measured beside a bare start of Node'), {
  timeout: LIMIT_MS,
}, async () => {
  const run = figures('render.mjs', ['--rounds', '1']);
  await expectMeasured(run, ['no-op render claude-code', 'no-op render codex', 'no-op render hermes']);
  expect((await run).output).toMatch(/node -e 0: \d+\.\d ms/);
});

test(verifies('I3-bench-proof', "the proof of a server is measured beside the server's own start"), {
  timeout: LIMIT_MS,
}, async () => {
  await expectMeasured(figures('proof.mjs', ['--rounds', '1']), ['proof of a stdio server']);
});

test(verifies(
  ['I6-bench-paint', 'I6-bench-event', 'I6-bench-graph', 'I6-bench-memory', 'I6-map-thousand'],
  'paint, events to pixels, frames of the map and memory of the canvas are measured in Chromium',
), {
  timeout: LIMIT_MS,
}, async () => {
  await expectMeasured(figures('canvas.mjs', ['--brief']), [
    'first contentful paint',
    'usable chat',
    'event to pixels, p95',
    'heap after the events of an hour',
    'map of 1,000 drawn',
    'panning 1,000',
    'zooming 1,000',
  ]);
});

import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import { benchFigures, expectMeasured } from './bench-figures.ts';

/* That the benches of a fresh clone, of the adapters and of the canvas measure what they say. Whether their bounds hold is not asked here. */

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

test(
  verifies('I2-bench-first', 'the first start of a fresh clone is measured, part by part, with its size'),
  async () => {
    const run = await benchFigures('first-up.mjs', ['--warm-cache'], registryEnvironment());
    expectMeasured(run, ['first up from a fresh clone, warm cache', 'on the disk']);
    const { output } = run;
    for (const part of [/s {2}\[\d\/\d\] Node/, /s {2}\[\d\/\d\] dependencies/, /s {2}\[\d\/\d\] build/, /s {2}ready/])
      expect(output).toMatch(part);
    expect(output).toContain('concierge online');
    expect(output).toMatch(/node_modules \d+, Node \d+, data \d+/);
  },
);

test(verifies('I3-bench-noop', 'a reconcile of all runtimes with nothing to do is measured'), async () => {
  const { found, output } = await benchFigures('reconcile.mjs', ['--rounds', '3']);
  const runtimes = [...output.matchAll(/^(\S+) +median (\d+\.\d+) ms$/gm)];
  expect(runtimes.length, output).toBeGreaterThanOrEqual(7);
  expect(found.get(`no-op reconcile of ${runtimes.length} runtimes`), output).toBeGreaterThan(0);
});

test(
  verifies('I3-bench-command', 'the command with nothing to do is measured beside a bare start of Node'),
  async () => {
    const run = await benchFigures('render.mjs', ['--rounds', '1']);
    expectMeasured(run, ['no-op render claude-code', 'no-op render codex', 'no-op render hermes']);
    expect(run.output).toMatch(/node -e 0: \d+\.\d ms/);
  },
);

test(verifies('I3-bench-proof', "the proof of a server is measured beside the server's own start"), async () => {
  expectMeasured(await benchFigures('proof.mjs', ['--rounds', '1']), ['proof of a stdio server']);
});

test(
  verifies(
    ['I6-bench-paint', 'I6-bench-event', 'I6-bench-graph', 'I6-bench-memory', 'I6-map-thousand'],
    'paint, events to pixels, frames of the map and memory of the canvas are measured in Chromium',
  ),
  async () => {
    expectMeasured(await benchFigures('canvas.mjs', ['--brief']), [
      'first contentful paint',
      'usable chat',
      'event to pixels, p95',
      'heap after the events of an hour',
      'map of 1,000 drawn',
      'panning 1,000',
      'zooming 1,000',
    ]);
  },
);

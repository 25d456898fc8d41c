import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import { benchFigures } from './bench-figures.ts';

/* That the benches of the gateway and of the plugin channel run and measure what they say. */

test(
  verifies(
    ['I5-bench-first-byte', 'I5-bench-throughput', 'I5-bench-memory'],
    "the gateway's first byte, its throughput beside a bare proxy and its memory are measured",
  ),
  async () => {
    const args = ['--seconds', '0.5', '--rounds', '1', '--streams', '200'];
    const { found, output } = await benchFigures('gateway.mjs', args);
    // What is added may be less than the noise of a busy machine.
    for (const share of ['p50', 'p99'])
      expect(found.get(`first byte at 100 streams, ${share} added`), output).toBeDefined();
    expect(found.get("events a second, of a bare proxy's"), output).toBeGreaterThan(0);
    expect(found.get('memory after 200 streams, of that after a fifth'), output).toBeGreaterThan(0);
  },
);

test(
  verifies(
    ['I4-bench-install', 'I4-bench-restart', 'I4-bench-desired'],
    'an install from git to proved, a restart with twenty plugins and the desired sets of many workspaces are measured',
  ),
  async () => {
    const { found, output } = await benchFigures('plugins.mjs', ['--runs', '1', '--workspaces', '100']);
    expect(found.get('install of a 100-file plugin from git to proved, median'), output).toBeGreaterThan(0);
    expect(found.get('the part of it that is not git'), output).toBeGreaterThan(0);
    expect(found.get('20 plugins from the cache add to a restart'), output).toBeDefined();
    expect(found.get('desired sets of 100 workspaces after a catalogue change'), output).toBeGreaterThanOrEqual(0);
  },
);

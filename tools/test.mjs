// `npm test [-- VITEST ARGUMENTS]`: sets a checkout up by itself, runs the suite, and closes with `N passed, N failed`.
// Runs on Node 20.20 without any dependency installed; the suite itself runs on the Node that Molecule runs on.
// With a path or another argument only those tests run; without, the gates in tests/gates are among them.

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareCheckout, ROOT } from './bootstrap/checkout.mjs';
import { withNode } from './bootstrap/dependencies.mjs';
import { BootstrapError, reportFailure, say } from './bootstrap/progress.mjs';
import { installRuntimes } from './bootstrap/runtimes.mjs';

/**
 * @param {string} node
 * @param {string[]} args
 * @returns {Promise<{code: number, counts: {passed: number, failed: number} | undefined}>}
 */
async function runSuite(node, args) {
  const scratch = mkdtempSync(join(tmpdir(), 'molecule-test-'));
  const report = join(scratch, 'counts.json');
  try {
    const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
    const child = spawn(node, [vitest, 'run', ...args], {
      cwd: ROOT,
      env: { ...withNode(node), MOLECULE_TEST_COUNTS: report },
      stdio: 'inherit',
    });
    // Terminals send their signal to the whole group: vitest ends by itself and we still print the closing line.
    process.on('SIGINT', () => undefined).on('SIGTERM', () => child.kill('SIGTERM'));
    const code = await new Promise((resolve) => child.once('exit', (status) => resolve(status ?? 1)));
    return { code, counts: existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : undefined };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

let code = 1;
let counts = { passed: 0, failed: 1 };
try {
  const { node, buildError } = await prepareCheckout({ mode: 'full', keepGoing: true });
  if (buildError !== undefined) reportFailure(buildError);
  await installRuntimes({ root: ROOT, node });
  const outcome = await runSuite(node, process.argv.slice(2));
  // No counts: vitest died before it could report.
  counts = outcome.counts ?? counts;
  if (buildError !== undefined) counts.failed += 1;
  code = outcome.code !== 0 || counts.failed > 0 ? outcome.code || 1 : 0;
} catch (error) {
  if (error instanceof BootstrapError) reportFailure(error);
  else say(error.stack);
}
process.stdout.write(`${counts.passed} passed, ${counts.failed} failed\n`);
process.exitCode = code;

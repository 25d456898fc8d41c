import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifies } from '@molecule/testkit/verifies';
import { afterEach, describe, expect, test } from 'vitest';
import { REPOSITORY } from '../../tools/gates/tracked-files.ts';

const TIMEOUT_MS = 60_000;
let folder = '';
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs vitest with our reporter over the given test files and returns the last line of its output. */
function closingLine(files: Record<string, string>, ci: boolean): string {
  folder = mkdtempSync(join(tmpdir(), 'molecule-closing-'));
  symlinkSync(join(REPOSITORY, 'node_modules'), join(folder, 'node_modules'));
  const reporter = JSON.stringify(join(REPOSITORY, 'tools/closing-line-reporter.ts'));
  const config = `import { ClosingLineReporter } from ${reporter};
export default { test: { reporters: ['default', new ClosingLineReporter()] } };\n`;
  writeFileSync(join(folder, 'vitest.config.ts'), config);
  for (const [name, body] of Object.entries(files)) {
    writeFileSync(join(folder, name), `import { test, describe, beforeAll, expect } from 'vitest';\n${body}\n`);
  }
  const env = { PATH: process.env.PATH, HOME: folder, CI: ci ? 'true' : '' };
  const vitest = join(REPOSITORY, 'node_modules', 'vitest', 'vitest.mjs');
  const { stdout } = spawnSync(process.execPath, [vitest, 'run'], { cwd: folder, encoding: 'utf8', env });
  return stdout.trimEnd().split('\n').at(-1) ?? '';
}

const PASSES = "test('passes', () => expect(1).toBe(1));";

describe(verifies('I2-gate-closing', 'the closing line'), () => {
  test.each([
    ['a passing test', { 'a.test.ts': PASSES }, '1 passed, 0 failed'],
    ['a failing test', { 'a.test.ts': `${PASSES} test('fails', () => expect(1).toBe(2));` }, '1 passed, 1 failed'],
    ['a file that does not import', { 'a.test.ts': PASSES, 'b.test.ts': "import './gone.ts';" }, '1 passed, 1 failed'],
    ['a file without a test', { 'a.test.ts': PASSES, 'b.test.ts': '' }, '1 passed, 1 failed'],
    ['a failing hook', { 'a.test.ts': `beforeAll(() => { throw new Error('no'); }); ${PASSES}` }, '0 passed, 1 failed'],
    [
      'an unhandled rejection',
      { 'a.test.ts': "test('leaves', () => { void Promise.reject(new Error('no')); });" },
      '1 passed, 1 failed',
    ],
    ['no test file at all', {}, '0 passed, 1 failed'],
    ['a skipped test', { 'a.test.ts': `${PASSES} test.skip('later', () => {});` }, '1 passed, 0 failed'],
  ])('counts %s', { timeout: TIMEOUT_MS }, (_, files, expected) => {
    expect(closingLine(files, false)).toBe(expected);
  });

  test(verifies(['B104', 'T44', 'I6'], 'counts a skipped test as failed in CI'), { timeout: TIMEOUT_MS }, () => {
    expect(closingLine({ 'a.test.ts': `${PASSES} test.skip('later', () => {});` }, true)).toBe('1 passed, 1 failed');
  });
});

import { writeFileSync } from 'node:fs';
import type { Reporter, SerializedError, TestCase, TestModule } from 'vitest/node';

const SLOWEST_SHOWN = 10;

/** Result of one run in the only terms the closing line knows. */
export interface Counts {
  passed: number;
  failed: number;
}

/**
 * Counts a run. A run without any file, a file that did not import, a file without a single test and an unhandled error each count as one failure:
 * none of them may look like success. With `skippedFails` a skipped test does too (B104: nothing passes by skipping).
 */
export function countRun(
  modules: readonly TestModule[],
  unhandled: readonly SerializedError[],
  skippedFails: boolean,
): Counts {
  const counts: Counts = { passed: 0, failed: unhandled.length + (modules.length === 0 ? 1 : 0) };
  for (const module of modules) {
    const tests = [...module.children.allTests()];
    const failedBefore = counts.failed;
    for (const { state } of tests.map((test) => test.result())) {
      if (state === 'passed') counts.passed += 1;
      else if (state === 'failed' || skippedFails) counts.failed += 1;
    }
    // A hook of the file or of a suite that failed leaves its tests passed or skipped.
    const unseen = module.state() === 'failed' && counts.failed === failedBefore;
    if (tests.length === 0 || unseen) counts.failed += 1;
  }
  return counts;
}

/** The slowest tests, one line each: milliseconds, file, title. */
export function slowestTests(modules: readonly TestModule[]): string[] {
  const all = modules.flatMap((module) => [...module.children.allTests()]);
  const duration = (test: TestCase): number => test.diagnostic()?.duration ?? 0;
  return all
    .sort((a, b) => duration(b) - duration(a))
    .slice(0, SLOWEST_SHOWN)
    .map(
      (test) =>
        `${Math.round(duration(test)).toString().padStart(7)} ms  ${test.module.relativeModuleId}  ${test.name}`,
    );
}

/**
 * Prints the slowest tests and the closing line `N passed, N failed`. Under `npm test` the counts go to the file named by
 * MOLECULE_TEST_COUNTS instead, because only the parent process can print after vitest has printed everything.
 */
export class ClosingLineReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const skippedFails = process.env.CI === 'true';
    const counts = countRun(modules, unhandled, skippedFails);
    process.stdout.write(`\nSlowest tests\n${slowestTests(modules).join('\n')}\n`);
    if (skippedFails) {
      const skipped = modules.flatMap((module) => [...module.children.allTests('skipped')]);
      for (const test of skipped)
        process.stdout.write(`skipped, counted as failed: ${test.module.relativeModuleId} ${test.fullName}\n`);
    }
    const file = process.env.MOLECULE_TEST_COUNTS;
    if (file === undefined) process.stdout.write(`${counts.passed} passed, ${counts.failed} failed\n`);
    else writeFileSync(file, JSON.stringify(counts));
  }
}

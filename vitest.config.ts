import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { ClosingLineReporter } from './tools/closing-line-reporter.ts';
import { LongFilesFirst } from './tools/long-files-first.ts';

const EXCLUDED = ['**/node_modules/**', '**/dist/**', 'tests/runtimes/**'];

/** Real processes leave a processor idle while they are waited for, so small machines run two test files at once. */
const WORKERS = Math.max(2, availableParallelism() - 1);

/**
 * Limits end what hangs; none of them says how fast something is. A busy machine may be many times slower than a quiet one, so they are far above what anything
 * takes, those for whole installations, which start and stop in the tests of the later groups, above all.
 */
const TIMES = { testTimeout: 120_000, hookTimeout: 120_000 };
const INSTALLATION_TIMES = { testTimeout: 600_000, hookTimeout: 300_000 };
const FIRST_WITH_INSTALLATIONS = 3;
/** How long `expect.poll` looks again; one second by itself. */
const POLL = { timeout: 60_000, interval: 25 };
/** Tests of one file that are marked as concurrent: what waits most of the time leaves room for another one. */
const CONCURRENT = 2;

/**
 * Projects run one group after the other: what answers soonest first, what kills processes at random moments last. No order is 0:
 * vitest moves files of that order behind all others where there is one worker.
 */
function project(name: string, order: number, maxWorkers: number, include: string[], exclude: string[] = []) {
  const times = order >= FIRST_WITH_INSTALLATIONS ? INSTALLATION_TIMES : TIMES;
  return {
    extends: true as const,
    test: {
      ...times,
      name,
      include,
      exclude: [...EXCLUDED, ...exclude],
      expect: { poll: POLL },
      maxConcurrency: CONCURRENT,
      maxWorkers,
      sequence: { groupOrder: order },
    },
  };
}

// Tests run from the sources: the `source` export condition points at src/*.ts, so no build is needed first.
const CONDITIONS = ['source', 'module', 'node', 'development|production'];

export default defineConfig({
  ssr: { resolve: { conditions: CONDITIONS } },
  // Vitest's own environment, which loads the global set-up.
  environments: { __vitest__: { resolve: { conditions: CONDITIONS } } },
  resolve: { conditions: ['source'] },
  test: {
    // These ship a `source` condition of their own, in TypeScript, which Node refuses to run from node_modules.
    server: { deps: { inline: [/node_modules\/(eventsource|@modelcontextprotocol\/client)\//] } },
    // Opens a desk where tests get a real PostgreSQL; the server starts when the first one asks.
    globalSetup: ['packages/testkit/src/database/global-setup.ts'],
    reporters: ['default', new ClosingLineReporter()],
    sequence: { sequencer: LongFilesFirst },
    projects: [
      project('gates', 1, 1, ['tests/gates/**/*.test.ts']),
      project('unit', 2, WORKERS, ['packages/*/test/**/*.test.ts', 'tools/**/*.test.ts']),
      project('e2e', 3, WORKERS, ['tests/**/*.test.ts'], ['tests/gates/**', 'tests/chaos/**']),
      project('chaos', 4, 1, ['tests/chaos/**/*.test.ts']),
    ],
  },
});

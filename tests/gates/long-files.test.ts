import { expect, test } from 'vitest';
import { trackedFiles } from '../../tools/gates/tracked-files.ts';
import { LONG_FILES, rankOf } from '../../tools/long-files-first.ts';

test('the files that begin first are test files of the repository', () => {
  const tests = trackedFiles().filter((path) => path.endsWith('.test.ts'));
  expect(LONG_FILES.filter((beginning) => !tests.some((path) => path.startsWith(beginning)))).toEqual([]);
});

test('they begin in their order, and before the others', () => {
  const ranks = [...LONG_FILES, 'packages/contracts/test/new-id.test.ts'].map((beginning) => rankOf(beginning));
  expect(ranks).toEqual(ranks.toSorted((a, b) => a - b));
  expect(rankOf('packages/adapters/test/conformance/codex.test.ts')).toBeLessThan(rankOf('tests/e2e/demo.test.ts'));
});

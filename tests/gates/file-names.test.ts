import { expect, test } from 'vitest';
import { checkFileNames } from '../../tools/gates/file-names.ts';
import { trackedFiles } from '../../tools/gates/tracked-files.ts';

test('the check refuses names that say nothing, as file and as folder, and other cases than kebab', () => {
  for (const path of [
    'packages/a/src/utils.ts',
    'packages/a/src/helpers/x.ts',
    'tools/common.test.ts',
    'tests/misc/a.ts',
  ]) {
    expect(checkFileNames([path])).toHaveLength(1);
  }
  expect(checkFileNames(['packages/a/src/taskManager.ts'])).toEqual([
    'packages/a/src/taskManager.ts: file names are kebab-case',
  ]);
  expect(checkFileNames(['packages/a/src/common-entry.ts', 'packages/a/migrations/0001_house.sql'])).toEqual([]);
});

test('every file of the repository has a name that says what it is', () => {
  expect(checkFileNames(trackedFiles())).toEqual([]);
});

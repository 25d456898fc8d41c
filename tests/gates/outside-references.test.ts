import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import { outsideReferences } from '../../tools/gates/outside-references.ts';
import { readTexts } from '../../tools/gates/read-texts.ts';
import { REPOSITORY } from '../../tools/gates/tracked-files.ts';

test('the check finds what leads out of the repository, and nothing else', () => {
  const find = (text: string) => outsideReferences(new Map([['packages/a/test/x.test.ts', text]]), '/repo');
  expect(find("new URL('../../../README.md', import.meta.url)")).toEqual([]);
  expect(find("new URL('../../../', import.meta.url)")).toEqual([]);
  expect(find("join(import.meta.dirname, '../../b/x.json')")).toEqual([]);
  expect(find("new URL('../../../../template/Dockerfile', import.meta.url)")).toHaveLength(1);
  expect(find("join(import.meta.dirname, '../../../../other/contract.json')")).toHaveLength(1);
  // A text that looks like it, and an import of somebody else's folder.
  expect(find('const text = "new URL(\'../../../../x\', import.meta.url)";')).toEqual([]);
});

test(
  verifies(['B106', 'I9'], 'no check and no source reads a file that lies in another repository and may move there'),
  () => {
    expect(outsideReferences(readTexts(), REPOSITORY)).toEqual([]);
  },
);

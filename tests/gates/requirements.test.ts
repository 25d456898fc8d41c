import { verifies } from '@molecule/testkit/verifies';
import { describe, expect, test } from 'vitest';
import { coverageTable } from '../../tools/gates/coverage-table.ts';
import { readAccepted, readCitations, readManifest } from '../../tools/gates/read-requirements.ts';
import {
  checkCitations,
  citationsIn,
  coverageByIssue,
  lostCoverage,
  type Requirement,
} from '../../tools/gates/requirements.ts';

const requirement = (id: string): Requirement => ({ id, title: id, issue: 2, source: 'issue' });

describe('the check', () => {
  test('reads ids out of calls, not out of comments or strings', () => {
    const source = `
      // verifies('X1', 'no')
      const text = "verifies('X2', 'no')";
      test(verifies('X3', 'one'), () => {});
      test.each([1])(verifies(['X4', 'X5'], 'two'), () => {});
    `;
    expect(citationsIn('a.test.ts', source)).toEqual([
      { file: 'a.test.ts', ids: ['X3'] },
      { file: 'a.test.ts', ids: ['X4', 'X5'] },
    ]);
  });

  test('refuses ids it cannot read', () => {
    expect(() => citationsIn('a.test.ts', "verifies(id, 't')")).toThrow('literals');
    expect(() => citationsIn('a.test.ts', "verifies(['X1', id], 't')")).toThrow('literals');
  });

  test(verifies('I27', 'fails on an id the manifest lacks and on one it has twice'), () => {
    const citations = [{ file: 'a.test.ts', ids: ['X1', 'X9'] }];
    expect(checkCitations([requirement('X1'), requirement('X1')], citations)).toEqual([
      'requirements: X1 appears twice',
      'a.test.ts: verifies X9, which requirements/ does not know',
    ]);
  });

  test(verifies('I27', 'fails when an accepted id lost its test'), () => {
    expect(lostCoverage(['X1', 'X2'], [{ file: 'a.test.ts', ids: ['X1'] }])).toEqual([
      'X2: was covered, now no test verifies it',
    ]);
  });
});

describe('the repository', () => {
  const manifest = readManifest();
  const citations = readCitations();

  test(verifies('I2-gate-manifest', 'cites known requirements only, and says what has no test yet'), () => {
    expect(checkCitations(manifest, citations)).toEqual([]);
    expect(citations.length).toBeGreaterThan(0);
    process.stdout.write(`\n${coverageTable(coverageByIssue(manifest, citations))}\n\n`);
  });

  test('keeps what was covered covered', () => {
    expect(lostCoverage(readAccepted(), citations)).toEqual([]);
    const known = new Set(manifest.map(({ id }) => id));
    expect(readAccepted().filter((id) => !known.has(id))).toEqual([]);
  });

  test('has all behaviours and vectors, each with a title and an issue', () => {
    const ids = new Set(manifest.map(({ id }) => id));
    for (let number = 1; number <= 112; number += 1) expect(ids).toContain(`B${number}`);
    for (let number = 1; number <= 50; number += 1) expect(ids).toContain(`T${number}`);
    for (const { title, issue, source } of manifest) {
      expect(title.length).toBeGreaterThan(5);
      expect(source).not.toBe('');
      expect([2, 3, 4, 5, 6, 'later']).toContain(issue);
    }
  });
});

import { FAILURE_CODES } from '@molecule/contracts';
import { verifies } from '@molecule/testkit/verifies';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { adviceText, failureAdvice, kindOf, mayClaimKind } from '../src/index.ts';

test(verifies(['B1', 'B2'], 'null, missing and unknown kinds read as an ordinary workspace'), () => {
  expect(kindOf(null)).toBe('workspace');
  expect(kindOf(undefined)).toBe('workspace');
  expect(kindOf('platform')).toBe('platform');
  fc.assert(fc.property(fc.string(), (word) => kindOf(word) === (word === 'platform' ? 'platform' : 'workspace')));
});

test(verifies(['B4', 'T15', 'I36'], 'a claim can never raise a row, and silence never lowers it'), () => {
  expect(mayClaimKind('platform', 'workspace')).toBe(false);
  expect(mayClaimKind('platform', 'platform')).toBe(true);
  expect(mayClaimKind(undefined, 'platform')).toBe(true);
  expect(mayClaimKind('workspace', 'workspace')).toBe(true);
});

test('every failure code has advice that says what happened and what to do', () => {
  for (const code of FAILURE_CODES) {
    expect(failureAdvice(code).what.length).toBeGreaterThan(10);
    expect(failureAdvice(code).next.length).toBeGreaterThan(10);
    expect(adviceText(code)).toContain(failureAdvice(code).next);
  }
  expect(adviceText(null)).toBeNull();
});

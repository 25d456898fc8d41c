import { verifies } from '@molecule/testkit/verifies';
import { describe, expect, test } from 'vitest';
import { checkLineLimit, countLines, LINE_LIMIT } from '../../tools/gates/line-limit.ts';
import { readTexts } from '../../tools/gates/read-texts.ts';
import excused from '../../tools/line-limit.json' with { type: 'json' };

const lines = (count: number): string => 'x\n'.repeat(count);

describe('the check', () => {
  test('counts a last line with and without its newline the same', () => {
    expect([countLines(''), countLines('a'), countLines('a\n'), countLines('a\nb')]).toEqual([0, 1, 1, 2]);
  });

  test('refuses one line too many, in every kind of source', () => {
    for (const path of ['a.ts', 'a.tsx', 'a.css', 'a.mjs', 'a.sql', 'a.sh']) {
      expect(checkLineLimit(new Map([[path, lines(LINE_LIMIT)]]), {})).toEqual([]);
      expect(checkLineLimit(new Map([[path, lines(LINE_LIMIT + 1)]]), {})).toHaveLength(1);
    }
  });

  test('leaves generated files alone', () => {
    expect(checkLineLimit(new Map([['a.generated.ts', lines(LINE_LIMIT + 1)]]), {})).toEqual([]);
  });

  test('lets the list of old sins only shrink', () => {
    const check = (count: number) => checkLineLimit(new Map([['a.ts', lines(count)]]), { 'a.ts': 400 });
    expect(check(400)).toEqual([]);
    expect(check(401)).toEqual(['a.ts: 401 lines, at most 400']);
    expect(check(399)).toEqual(['a.ts: is down to 399 lines, lower it in tools/line-limit.json']);
    expect(check(LINE_LIMIT)).toEqual(['a.ts: fits now, take it off tools/line-limit.json']);
    expect(checkLineLimit(new Map(), { 'gone.ts': 400 })).toHaveLength(1);
  });
});

test(verifies('I2-gate-lines', 'no file of the repository is over the limit'), () => {
  expect(checkLineLimit(readTexts(), excused)).toEqual([]);
});

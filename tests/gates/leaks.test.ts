import { verifies } from '@molecule/testkit/verifies';
import { describe, expect, test } from 'vitest';
import { checkLeaks } from '../../tools/gates/leaks.ts';
import { readTexts } from '../../tools/gates/read-texts.ts';

const found = (text: string): string[] => checkLeaks(new Map([['a.txt', text]]));

// Put together here, so that this file holds none of what it looks for.
const letters = 'aB3'.repeat(16);
const PLANTED = [
  ['', 'root', 'thing'].join('/'),
  `"${['', 'work', 'main'].join('/')}"`,
  `https://${['registry', 'npmjs', 'org'].join('.')}/x`,
  `-----BEGIN RSA ${'PRIVATE'} KEY-----\n${letters}`,
  `sk-ant-${'api'}03-${letters}`,
  `sk-${letters}`,
  `ghp_${letters.slice(0, 36)}`,
  `npm_${letters.slice(0, 36)}`,
  `glpat-${letters.slice(0, 20)}`,
  `AKIA${'ABCD1234'.repeat(2)}`,
  `AIza${letters.slice(0, 35)}`,
  `xoxb-${letters}`,
];

describe('the check', () => {
  test.each(PLANTED)('finds planted leak %#', (text) => {
    expect(found(`first line\nx = ${text}\n`)).toHaveLength(1);
  });

  test('says the line, and leaves routes and relative imports of the same name alone', () => {
    expect(found(`a\nb\n${PLANTED[0]}`)).toEqual(['a.txt:3: looks like a path of one machine']);
    expect(found("import './work/routes.ts'; import '@x/work/y'; 'sk-ant-placeholder'")).toEqual([]);
  });
});

test(verifies(['B37', 'T46'], 'no tracked file holds a secret, a registry host or a path of one machine'), () => {
  expect(checkLeaks(readTexts())).toEqual([]);
});

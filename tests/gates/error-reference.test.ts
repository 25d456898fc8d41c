import { fileURLToPath } from 'node:url';
import { ERROR_CATALOGUE } from '@molecule/contracts';
import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import { errorTable } from '../../tools/docs/error-table.mjs';
import { readTexts } from '../../tools/gates/read-texts.ts';

const REFERENCE = fileURLToPath(new URL('../../docs/reference/errors.md', import.meta.url));
const CATALOGUE = 'packages/contracts/src/errors/catalogue.ts';
const SOURCE = /^packages\/[^/]+\/src\/.*\.(?:ts|tsx|mjs|cjs)$/;

test(verifies('I2-docs-generated', 'the error reference is what the catalogue says'), async () => {
  await expect(errorTable(ERROR_CATALOGUE)).toMatchFileSnapshot(REFERENCE);
});

test('every code of the catalogue is given by somebody', () => {
  const sources = [...readTexts()].filter(([path]) => SOURCE.test(path) && path !== CATALOGUE).map(([, text]) => text);
  const isUsed = (code: string): boolean => sources.some((text) => text.includes(`'${code}'`));
  expect(Object.keys(ERROR_CATALOGUE).filter((code) => !isUsed(code))).toEqual([]);
});

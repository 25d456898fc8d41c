import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import { readTexts } from '../../tools/gates/read-texts.ts';

test(verifies('I2-docs-licence', 'the licence is Apache-2.0, in full and in every package'), () => {
  const texts = readTexts();
  expect(texts.get('LICENSE')).toMatch(/^\s*Apache License\s+Version 2\.0, January 2004/);
  expect(texts.get('LICENSE')).toContain('END OF TERMS AND CONDITIONS');
  const manifests = [...texts].filter(([path]) => /^(?:packages\/[^/]+\/|tests\/runtimes\/)?package\.json$/.test(path));
  expect(manifests.length).toBeGreaterThan(10);
  // JSON.parse gives any; only one member is looked at.
  const other = manifests.filter(([, text]) => (JSON.parse(text) as { license?: string }).license !== 'Apache-2.0');
  expect(other.map(([path]) => path)).toEqual([]);
});

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import { knownRuntimes } from '../../src/index.ts';

const exists = (path: string): boolean => existsSync(fileURLToPath(new URL(path, import.meta.url)));

test(verifies('I3-kit', 'every runtime has its suite of the kit, and a record of what the suite observed'), () => {
  for (const runtime of knownRuntimes()) {
    expect({
      runtime,
      hasSuite: exists(`./${runtime}.test.ts`),
      hasRecord: exists(`../../observed/${runtime}.json`),
    }).toEqual({ runtime, hasSuite: true, hasRecord: true });
  }
});

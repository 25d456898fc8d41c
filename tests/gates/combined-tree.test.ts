import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifies } from '@molecule/testkit/verifies';
import { expect, onTestFinished, test } from 'vitest';
import { REPOSITORY } from '../../tools/gates/tracked-files.ts';

const BASE = {
  'tsconfig.json':
    '{"compilerOptions":{"module":"nodenext","strict":true,"noEmit":true,"types":[]},"include":["*.ts"]}',
  'package.json': '{"type":"module"}',
  'names.ts': "export const OLD = 'a';\n",
  'user.ts': "import { OLD } from './names.js';\nexport const one = OLD;\n",
};
const RENAME = {
  'names.ts': "export const NEW = 'a';\n",
  'user.ts': "import { NEW } from './names.js';\nexport const one = NEW;\n",
};
const NEW_USE = { 'other.ts': "import { OLD } from './names.js';\nexport const two = OLD;\n" };

/** The type check as the suite runs it, over a whole tree. */
function check(tree: Readonly<Record<string, string>>): { readonly status: number | null; readonly output: string } {
  const folder = mkdtempSync(join(tmpdir(), 'molecule-combined-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(tree)) writeFileSync(join(folder, name), text);
  symlinkSync(join(REPOSITORY, 'node_modules'), join(folder, 'node_modules'));
  const { status, stdout, stderr } = spawnSync(join(REPOSITORY, 'node_modules', '.bin', 'tsc'), ['-p', folder], {
    encoding: 'utf8',
  });
  return { status, output: stdout + stderr };
}

// The other half of it, that the suite is run whole and over the tree as it is, is proved with `.ci/run` in ci-entry.test.ts.
test(verifies('I20', 'two changes that are right alone and wrong together are refused where they meet'), () => {
  expect(check({ ...BASE, ...RENAME })).toMatchObject({ status: 0 });
  expect(check({ ...BASE, ...NEW_USE })).toMatchObject({ status: 0 });
  const together = check({ ...BASE, ...RENAME, ...NEW_USE });
  expect(together.status).not.toBe(0);
  expect(together.output).toContain('other.ts');
  expect(together.output).toContain('OLD');
});

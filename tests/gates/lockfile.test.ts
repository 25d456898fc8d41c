import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { REPOSITORY } from '../../tools/gates/tracked-files.ts';
import { missingOptional, platformOf } from '../../tools/lockfile/missing.mjs';

describe('the check', () => {
  test('finds an optional package that is not there, and one that is there in another version only', () => {
    const tool = { optionalDependencies: { 'tool-darwin-x64': '1.0.0', 'tool-linux-x64': '1.0.0' } };
    const packages = {
      '': {},
      'node_modules/tool': tool,
      'node_modules/tool-linux-x64': { version: '1.0.0' },
      'node_modules/other/node_modules/tool': { ...tool, dev: true },
    };
    const old = { ...packages, 'node_modules/tool-linux-x64': { version: '0.9.0' } };
    expect(missingOptional({ packages })).toEqual([
      {
        path: 'node_modules/tool-darwin-x64',
        entry: { version: '1.0.0', optional: true, os: ['darwin'], cpu: ['x64'] },
      },
    ]);
    expect(missingOptional({ packages: old }).map(({ path }) => path)).toContain(
      'node_modules/tool/node_modules/tool-linux-x64',
    );
  });

  test('reads the platform off a name', () => {
    expect(platformOf('@x/cli-linux-arm64-musl')).toEqual({ os: ['linux'], cpu: ['arm64'], libc: ['musl'] });
    expect(platformOf('@x/binding-win32-x64-msvc')).toEqual({ os: ['win32'], cpu: ['x64'] });
  });
});

test.each(['.', 'tests/runtimes'])('the lockfile in %s works with npm ci on every platform', (folder) => {
  const file = join(REPOSITORY, folder, 'package-lock.json');
  // Repair: node tools/complete-lockfile.mjs [FOLDER]
  const missing = existsSync(file) ? missingOptional(JSON.parse(readFileSync(file, 'utf8'))) : [];
  expect(missing.map(({ path }) => path)).toEqual([]);
});

import { verifies } from '@molecule/testkit/verifies';
import { describe, expect, test } from 'vitest';
import { readTexts } from '../../tools/gates/read-texts.ts';
import { checkRuntimeNames, RUNTIME_FOLDERS } from '../../tools/gates/runtime-names.ts';
import allowed from '../../tools/runtime-names.json' with { type: 'json' };

describe('the check', () => {
  test.each(Object.entries(RUNTIME_FOLDERS))('finds %s anywhere but in its own adapter', (word, folder) => {
    const text = `const x = '${word.toUpperCase()}_HOME';\n`;
    const find = (path: string) => checkRuntimeNames(new Map([[path, text]]), []);
    expect(find('packages/supervisor/src/a.ts')).toEqual([
      `packages/supervisor/src/a.ts:1: names "${word}" outside its adapter`,
    ]);
    expect(find('packages/adapters/src/registry/a.ts')).toHaveLength(1);
    expect(find(`packages/adapters/src/${folder}/a.ts`)).toEqual([]);
    expect(find('packages/supervisor/test/a.test.ts')).toEqual([]);
  });

  test('finds one runtime in the adapter of another', () => {
    expect(checkRuntimeNames(new Map([['packages/adapters/src/codex/a.ts', '// unlike Claude']]), [])).toHaveLength(1);
  });

  test('allows a declared place with a reason, and refuses an entry that nothing needs', () => {
    const files = new Map([['packages/models/src/data.ts', 'gemini']]);
    const entry = { path: 'packages/models/src/', words: ['gemini'], reason: 'model ids' };
    expect(checkRuntimeNames(files, [entry])).toEqual([]);
    expect(checkRuntimeNames(files, [{ ...entry, reason: ' ' }])).toHaveLength(1);
    expect(checkRuntimeNames(files, [{ ...entry, words: ['gemini', 'codex'] }])).toEqual([
      'tools/runtime-names.json: packages/models/src/ no longer needs codex',
    ]);
  });
});

test(verifies(['I3-engine', 'I8'], 'the engine names no runtime'), () => {
  expect(checkRuntimeNames(readTexts(), allowed)).toEqual([]);
});

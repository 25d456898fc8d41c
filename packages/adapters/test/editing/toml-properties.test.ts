import { verifies } from '@molecule/testkit/verifies';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sameValue, valueAt, withValueAt } from '../../src/editing/config-value.ts';
import { tomlFormat } from '../../src/editing/toml/toml-format.ts';
import { entryArbitrary, isSubsequence, keyArbitrary } from './arbitraries.ts';
import { expectIndependent, expectReversible, isFree } from './reconcile-cases.ts';
import { tomlTextArbitrary } from './toml-arbitrary.ts';

const RUNS = 1000;

const path = fc.tuple(
  fc.constantFrom('mcp_servers', 'mcp_servers', 'other_'),
  fc.oneof(fc.constant('molecule-platform'), keyArbitrary),
);
const blank = fc.constantFrom(undefined, '', '\n', '# notes\r\n', '# notes', '\uFEFF', '\n\n');
const document = fc.oneof({ weight: 12, arbitrary: tomlTextArbitrary }, { weight: 1, arbitrary: blank });

test(verifies(['B52', 'B68', 'I3-edit-generated', 'I3-edit-survive'], 'setting an entry keeps every character'), () => {
  fc.assert(
    fc.property(tomlTextArbitrary, path, entryArbitrary, (text, at, value) => {
      fc.pre(isFree(tomlFormat, text, at));
      const before = tomlFormat.parse(text);
      const set = tomlFormat.edit(text, [{ op: 'set', path: at, value }]);
      if (!before.ok || !set.ok) throw new Error('the edit was refused');
      expect(sameValue(set.value.value, withValueAt(before.value, at, value))).toBe(true);
      expect(isSubsequence(text.replace('{}', ''), set.value.text)).toBe(true);
      const again = tomlFormat.edit(set.value.text, [{ op: 'set', path: at, value }]);
      expect(again.ok && again.value.text).toBe(set.value.text);
    }),
    { numRuns: RUNS },
  );
});

test(
  verifies(
    ['B68', 'T37', 'I3-edit-generated', 'I3-edit-inverse'],
    'add, repeat, change, undo through the ledger gives back the original bytes',
  ),
  () => {
    fc.assert(
      fc.property(document, path, entryArbitrary, entryArbitrary, (text, at, value, other) => {
        fc.pre(isFree(tomlFormat, text ?? '', at));
        expectReversible(tomlFormat, text, at, value, other);
      }),
      { numRuns: RUNS / 2 },
    );
  },
);

test(verifies('T24', 'two entries in either order mean the same, and go in either order'), () => {
  fc.assert(
    fc.property(document, path, entryArbitrary, entryArbitrary, (text, at, value, other) => {
      const second = [at[0], 'second one'];
      fc.pre(isFree(tomlFormat, text ?? '', at) && isFree(tomlFormat, text ?? '', second));
      expectIndependent(tomlFormat, text, { path: at, value }, { path: second, value: other });
    }),
    { numRuns: RUNS / 4 },
  );
});

test(verifies(['B68', 'I3-edit-generated'], 'every existing value can be replaced and every key removed'), () => {
  fc.assert(
    fc.property(tomlTextArbitrary, entryArbitrary, fc.nat(), (text, value, pick) => {
      const before = tomlFormat.parse(text);
      if (!before.ok) throw new Error(before.error.message);
      const keys = Object.keys(before.value ?? {});
      const key = keys[pick % Math.max(keys.length, 1)];
      fc.pre(key !== undefined);
      const at = [key ?? ''];
      const set = tomlFormat.edit(text, [{ op: 'set', path: at, value }]);
      expect(set.ok && sameValue(valueAt(set.value.value, at), value)).toBe(true);
      const removed = tomlFormat.edit(text, [{ op: 'remove', path: at }]);
      expect(removed.ok && isSubsequence(removed.value.text, text)).toBe(true);
    }),
    { numRuns: RUNS / 2 },
  );
});

test(verifies('B68', 'a key of the root goes before the first header'), () => {
  fc.assert(
    fc.property(document, keyArbitrary, fc.oneof(fc.string(), fc.integer(), fc.boolean()), (text, key, value) => {
      const before = tomlFormat.parse(text ?? '');
      fc.pre(before.ok && valueAt(before.value, [key]) === undefined);
      expectReversible(tomlFormat, text, [key], value, 'other');
    }),
    { numRuns: RUNS / 2 },
  );
});

test(verifies('B68', 'a zero at the very end of the file is a whole value'), () => {
  const text = 'a = 1\nb = 0';
  const removed = tomlFormat.edit(text, [{ op: 'remove', path: ['b'] }]);
  expect(removed.ok && removed.value.text).toBe('a = 1');
});

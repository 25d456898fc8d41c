import { verifies } from '@molecule/testkit/verifies';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sameValue, valueAt, withValueAt } from '../../src/editing/config-value.ts';
import { yamlFormat } from '../../src/editing/yaml/yaml-format.ts';
import { entryArbitrary, isSubsequence, keyArbitrary } from './arbitraries.ts';
import { expectIndependent, expectReversible } from './reconcile-cases.ts';
import { yamlTextArbitrary } from './yaml-arbitrary.ts';

const RUNS = 700;

const path = fc.tuple(
  fc.constantFrom('mcp_servers', 'mcp_servers', 'other_'),
  fc.oneof(fc.constant('molecule-platform'), keyArbitrary),
);
const blank = fc.constantFrom(undefined, '', '\n', '# notes\r\n', '# notes', '\uFEFF', '---\n', '{}', '{}\n', '---');
const document = fc.oneof({ weight: 12, arbitrary: yamlTextArbitrary }, { weight: 1, arbitrary: blank });

/** An empty or missing value counts as an empty map here, unlike in the other formats. */
function canHold(text: string, at: readonly string[]): boolean {
  const parsed = yamlFormat.parse(text);
  if (!parsed.ok) return false;
  const parent = valueAt(parsed.value, at.slice(0, 1));
  if (parent === undefined || parent === null) return true;
  return typeof parent === 'object' && !Array.isArray(parent) && valueAt(parsed.value, at) === undefined;
}

test('the generator makes valid documents', () => {
  fc.assert(
    fc.property(yamlTextArbitrary, (text) => yamlFormat.parse(text).ok),
    { numRuns: RUNS / 2 },
  );
});

test(verifies(['B52', 'B68', 'I3-edit-generated', 'I3-edit-survive'], 'setting an entry keeps every character'), () => {
  fc.assert(
    fc.property(yamlTextArbitrary, path, entryArbitrary, (text, at, value) => {
      fc.pre(canHold(text, at));
      const before = yamlFormat.parse(text);
      const set = yamlFormat.edit(text, [{ op: 'set', path: at, value }]);
      if (!before.ok || !set.ok) throw new Error(`the edit was refused: ${set.ok ? '' : set.error.code}`);
      expect(sameValue(set.value.value, withValueAt(before.value, at, value))).toBe(true);
      expect(isSubsequence(text.replace(/ *(\{ ?\}|~)/g, ''), set.value.text)).toBe(true);
      const again = yamlFormat.edit(set.value.text, [{ op: 'set', path: at, value }]);
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
        fc.pre(canHold(text ?? '', at));
        expectReversible(yamlFormat, text, at, value, other);
      }),
      { numRuns: RUNS / 2 },
    );
  },
);

test(verifies('T24', 'two entries in either order mean the same, and go in either order'), () => {
  fc.assert(
    fc.property(document, path, entryArbitrary, entryArbitrary, (text, at, value, other) => {
      const second = [at[0], 'second one'];
      fc.pre(canHold(text ?? '', at) && canHold(text ?? '', second));
      expectIndependent(yamlFormat, text, { path: at, value }, { path: second, value: other });
    }),
    { numRuns: RUNS / 4 },
  );
});

test(verifies(['B68', 'I3-edit-generated'], 'every existing value can be replaced and every key removed'), () => {
  fc.assert(
    fc.property(yamlTextArbitrary, entryArbitrary, fc.nat(), (text, value, pick) => {
      const before = yamlFormat.parse(text);
      if (!before.ok) throw new Error(before.error.message);
      const keys = Object.keys(before.value ?? {});
      const key = keys[pick % Math.max(keys.length, 1)];
      fc.pre(key !== undefined);
      const at = [key ?? ''];
      const set = yamlFormat.edit(text, [{ op: 'set', path: at, value }]);
      expect(set.ok ? sameValue(valueAt(set.value.value, at), value) : set.error).toBe(true);
      const removed = yamlFormat.edit(text, [{ op: 'remove', path: at }]);
      expect(removed.ok ? isSubsequence(removed.value.text, text) : removed.error).toBe(true);
    }),
    { numRuns: RUNS },
  );
});

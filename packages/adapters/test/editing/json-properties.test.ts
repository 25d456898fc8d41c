import { verifies } from '@molecule/testkit/verifies';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sameValue, valueAt, withValueAt } from '../../src/editing/config-value.ts';
import { jsoncFormat, jsonFormat } from '../../src/editing/json/json-format.ts';
import { entryArbitrary, entryPathArbitrary, isSubsequence } from './arbitraries.ts';
import { jsonTextArbitrary } from './json-arbitrary.ts';
import { expectIndependent, expectReversible, isFree } from './reconcile-cases.ts';

const RUNS = 1000;

describe.each([
  ['json', jsonFormat, false],
  ['jsonc', jsoncFormat, true],
] as const)('%s documents', (_name, format, comments) => {
  const document = jsonTextArbitrary({ comments });
  const blank = comments
    ? fc.constantFrom(undefined, '', '\n', '// notes\r\n', '/* a */', '\uFEFF')
    : fc.constantFrom(undefined, '', ' \n', '\uFEFF', '{}', '{ }', '{\n}', '{\r\n}\r\n');

  test(
    verifies(
      ['B52', 'B68', 'I3-edit-generated', 'I3-edit-survive'],
      'setting an entry keeps every character, and removing it gives back the original',
    ),
    () => {
      fc.assert(
        fc.property(document, entryPathArbitrary, entryArbitrary, (text, path, value) => {
          fc.pre(isFree(format, text, path));
          const before = format.parse(text);
          const set = format.edit(text, [{ op: 'set', path, value }]);
          if (!before.ok || !set.ok) throw new Error('the edit was refused');
          expect(sameValue(set.value.value, withValueAt(before.value, path, value))).toBe(true);
          expect(isSubsequence(text, set.value.text)).toBe(true);
          const again = format.edit(set.value.text, [{ op: 'set', path, value }]);
          expect(again.ok && again.value.text).toBe(set.value.text);
          const container = valueAt(before.value, path.slice(0, 1)) === undefined ? path.slice(0, 1) : path;
          const removed = format.edit(set.value.text, [{ op: 'remove', path: container }]);
          expect(removed.ok && removed.value.text).toBe(text);
        }),
        { numRuns: RUNS },
      );
    },
  );

  test(
    verifies(
      ['B68', 'T37', 'I3-edit-generated', 'I3-edit-inverse'],
      'add, repeat, change, undo through the ledger gives back the original bytes',
    ),
    () => {
      fc.assert(
        fc.property(
          fc.oneof({ weight: 9, arbitrary: document }, { weight: 1, arbitrary: blank }),
          entryPathArbitrary,
          entryArbitrary,
          entryArbitrary,
          (text, path, value, other) => {
            fc.pre(isFree(format, text ?? '', path));
            expectReversible(format, text, path, value, other);
          },
        ),
        { numRuns: RUNS },
      );
    },
  );

  test(verifies('T24', 'two entries in either order mean the same, and go in either order'), () => {
    fc.assert(
      fc.property(
        fc.oneof({ weight: 9, arbitrary: document }, { weight: 1, arbitrary: blank }),
        entryPathArbitrary,
        entryArbitrary,
        entryArbitrary,
        (text, path, value, other) => {
          const second = [path[0] ?? '', 'second one'];
          fc.pre(isFree(format, text ?? '', path) && isFree(format, text ?? '', second));
          expectIndependent(format, text, { path, value }, { path: second, value: other });
        },
      ),
      { numRuns: RUNS },
    );
  });

  test(
    verifies(
      ['B68', 'I3-edit-generated'],
      'every existing value can be replaced and every key removed without touching its siblings',
    ),
    () => {
      fc.assert(
        fc.property(document, entryArbitrary, fc.nat(), (text, value, pick) => {
          const before = format.parse(text);
          if (!before.ok || typeof before.value !== 'object' || before.value === null) throw new Error('no object');
          const keys = Object.keys(before.value);
          const key = keys[pick % Math.max(keys.length, 1)];
          fc.pre(key !== undefined);
          const path = [key ?? ''];
          const set = format.edit(text, [{ op: 'set', path, value }]);
          expect(set.ok && sameValue(valueAt(set.value.value, path), value)).toBe(true);
          const removed = format.edit(text, [{ op: 'remove', path }]);
          expect(removed.ok && isSubsequence(removed.value.text, text)).toBe(true);
        }),
        { numRuns: RUNS },
      );
    },
  );
});

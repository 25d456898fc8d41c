import { verifies } from '@molecule/testkit/verifies';
import { describe, expect, test } from 'vitest';
import { type ConfigMap, sameValue, valueAt, withValueAt } from '../../src/editing/config-value.ts';
import { EMPTY_LEDGER } from '../../src/editing/ledger.ts';
import { PERSON_POLICY } from '../../src/editing/reconcile-policy.ts';
import { isSubsequence } from './arbitraries.ts';
import { type CorpusFile, corpus } from './corpus-format.ts';
import { reconciled } from './reconcile-cases.ts';

const FIRST: ConfigMap = {
  command: 'node',
  args: ['/opt/molecule/launcher.js'],
  env: { MOLECULE_API_KEY: '${MOLECULE_API_KEY}' },
};
const SECOND: ConfigMap = {
  command: 'molecule-platform-mcp',
  args: [],
  env: { 'odd "key".x': 'a\\b' },
  required: true,
};

const files = corpus();

test(verifies('I3-edit-corpus', 'the corpus holds at least forty files'), () => {
  expect(files.length).toBeGreaterThanOrEqual(40);
});

describe.each(files)('$name', ({ text, format, servers }: CorpusFile) => {
  const ours = [...servers, 'molecule-platform'];
  const before = format.parse(text);
  const value = before.ok ? before.value : undefined;
  const isTaken = valueAt(value, ours) !== undefined;

  test(
    verifies(
      ['B52', 'B68', 'T28', 'I3-edit-corpus', 'I3-edit-survive'],
      'add or replace: the entry is there, nothing else is lost',
    ),
    () => {
      expect(before.ok).toBe(true);
      const added = reconciled(format, text, [{ path: ours, value: FIRST }]);
      const after = format.parse(added.text ?? '');
      expect(after.ok && sameValue(after.value, withValueAt(value, ours, FIRST))).toBe(true);
      if (!isTaken) expect(isSubsequence(text.replaceAll(/ *\{\s*\}/g, ''), added.text ?? '')).toBe(true);
      expect(added.text).toMatchSnapshot();
    },
  );

  test(
    verifies(
      ['B68', 'T27', 'T37', 'I3-edit-corpus'],
      'add twice: the second time changes nothing, with and without the short cut',
    ),
    () => {
      const added = reconciled(format, text, [{ path: ours, value: FIRST }]);
      expect(reconciled(format, added.text, [{ path: ours, value: FIRST }], added.ledger).text).toBe(added.text);
      const { settled: _, ...unsettled } = added.ledger;
      const again = reconciled(format, added.text, [{ path: ours, value: FIRST }], unsettled);
      expect(again.text).toBe(added.text);
      expect(again.actions).toEqual([{ path: ours, action: 'unchanged' }]);
    },
  );

  test(
    verifies(
      ['B68', 'I3-edit-corpus', 'I3-edit-inverse'],
      'undo gives back the original bytes: after adding, after changing, after a neighbour came and went',
    ),
    () => {
      const added = reconciled(format, text, [{ path: ours, value: FIRST }]);
      expect(reconciled(format, added.text, [], added.ledger).text).toBe(text);
      const changed = reconciled(format, added.text, [{ path: ours, value: SECOND }], added.ledger);
      expect(reconciled(format, changed.text, [], changed.ledger).text).toBe(text);
      const neighbour = { path: [...servers, 'a2a'], value: SECOND };
      const both = reconciled(format, added.text, [{ path: ours, value: FIRST }, neighbour], added.ledger);
      const alone = reconciled(format, both.text, [neighbour], both.ledger);
      expect(reconciled(format, alone.text, [], alone.ledger).text).toBe(text);
      const stayed = reconciled(format, both.text, [{ path: ours, value: FIRST }], both.ledger);
      expect(reconciled(format, stayed.text, [], stayed.ledger).text).toBe(text);
    },
  );

  test(
    verifies(['B68', 'I3-edit-owner'], 'an entry the user edited is recognised as theirs and survives the undo'),
    () => {
      const added = reconciled(format, text, [{ path: ours, value: FIRST }]);
      const edited = format.edit(added.text ?? '', [{ op: 'set', path: [...ours, 'command'], value: 'mine' }]);
      if (!edited.ok) throw new Error(edited.error.message);
      const kept = reconciled(format, edited.value.text, [{ path: ours, value: FIRST }], added.ledger, PERSON_POLICY);
      expect(kept.actions).toEqual([{ path: ours, action: 'kept_edited' }]);
      expect(kept.text).toBe(edited.value.text);
      const undone = reconciled(format, edited.value.text, [], added.ledger);
      expect(undone.actions).toEqual([{ path: ours, action: 'released' }]);
      expect(undone.text).toBe(edited.value.text);
      const healed = reconciled(format, edited.value.text, [{ path: ours, value: FIRST }], added.ledger);
      expect(healed.actions).toEqual([{ path: ours, action: 'repaired' }]);
      expect(healed.text).toBe(added.text);
    },
  );
});

const taken = files.filter(({ text, format, servers }) => {
  const parsed = format.parse(text);
  return parsed.ok && valueAt(parsed.value, [...servers, 'molecule-platform']) !== undefined;
});

test.each(taken)(
  verifies('B68', 'a foreign entry of our name is left to a person: $name'),
  ({ text, format, servers }) => {
    const ours = [...servers, 'molecule-platform'];
    const kept = reconciled(format, text, [{ path: ours, value: FIRST }], EMPTY_LEDGER, PERSON_POLICY);
    expect(kept.actions).toEqual([{ path: ours, action: 'kept_foreign' }]);
    expect(kept.text).toBe(text);
  },
);

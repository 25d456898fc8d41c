import { expect } from 'vitest';
import { type ConfigValue, type Path, sameValue, valueAt, withValueAt } from '../../src/editing/config-value.ts';
import type { DocumentFormat } from '../../src/editing/document-format.ts';
import { EMPTY_LEDGER, type FileLedger } from '../../src/editing/ledger.ts';
import { type DesiredEntry, type ReconcileResult, reconcile } from '../../src/editing/reconcile.ts';
import { BOX_POLICY } from '../../src/editing/reconcile-policy.ts';

export function reconciled(
  format: DocumentFormat,
  text: string | undefined,
  desired: readonly DesiredEntry[],
  ledger: FileLedger = EMPTY_LEDGER,
  policy = BOX_POLICY,
): ReconcileResult {
  // The ledger travels through JSON, as it does through its file.
  const done = reconcile(format, text, desired, JSON.parse(JSON.stringify(ledger)), policy);
  if (!done.ok) throw new Error(`${done.error.code}: ${done.error.message}`);
  return done.value;
}

/** Adding, repeating, changing and taking back an entry leaves the document as it was, byte for byte. */
export function expectReversible(
  format: DocumentFormat,
  text: string | undefined,
  path: Path,
  value: ConfigValue,
  other: ConfigValue,
): void {
  const before = format.parse(text ?? '');
  if (!before.ok) throw new Error(before.error.message);
  const added = reconciled(format, text, [{ path, value }]);
  const meaning = format.parse(added.text ?? '');
  expect(meaning.ok && sameValue(meaning.value, withValueAt(before.value, path, value))).toBe(true);
  const again = reconciled(format, added.text, [{ path, value }], { ...added.ledger, settled: '' });
  expect(again.text).toBe(added.text);
  expect(reconciled(format, again.text, [], again.ledger).text).toBe(text);
  const changed = reconciled(format, added.text, [{ path, value: other }], added.ledger);
  expect(reconciled(format, changed.text, [], changed.ledger).text).toBe(text);
}

/** Two entries added in either order mean the same, and taken back in either order leave the original. */
export function expectIndependent(
  format: DocumentFormat,
  text: string | undefined,
  a: DesiredEntry,
  b: DesiredEntry,
): void {
  const one = reconciled(format, text, [a]);
  const both = reconciled(format, one.text, [a, b], one.ledger);
  const swapped = reconciled(format, text, [b, a]);
  const left = format.parse(both.text ?? '');
  const right = format.parse(swapped.text ?? '');
  expect(left.ok && right.ok && sameValue(left.value, right.value)).toBe(true);
  const onlyB = reconciled(format, both.text, [b], both.ledger);
  expect(reconciled(format, onlyB.text, [], onlyB.ledger).text).toBe(text);
  const onlyA = reconciled(format, both.text, [a], both.ledger);
  expect(reconciled(format, onlyA.text, [], onlyA.ledger).text).toBe(text);
}

/** Whether a path can hold an entry without something else giving way. */
export function isFree(format: DocumentFormat, text: string, path: Path): boolean {
  const parsed = format.parse(text);
  if (!parsed.ok || valueAt(parsed.value, path) !== undefined) return false;
  const parent = valueAt(parsed.value, path.slice(0, 1));
  if (parent === undefined) return true;
  return typeof parent === 'object' && parent !== null && !Array.isArray(parent) && !(parent instanceof Date);
}

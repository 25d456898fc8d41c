import {
  type ConfigValue,
  isMap,
  type Path,
  samePath,
  sameValue,
  startsWith,
  valueAt,
  withoutValueAt,
  withValueAt,
} from './config-value.ts';
import type { DocumentFormat, TextRange } from './document-format.ts';
import type { EditError } from './edit-error.ts';
import { withoutHunk } from './hunk.ts';
import type { LedgerContainer, LedgerEntry } from './ledger.ts';
import { type Outcome, ok } from './outcome.ts';

/** The text without one of our entries: as it would be had the entry never been written. Undefined: no file. */
export function withoutEntry(
  format: DocumentFormat,
  text: string,
  entry: LedgerEntry,
  containers: readonly LedgerContainer[],
): Outcome<string | undefined, EditError> {
  const parsed = format.parse(text);
  if (!parsed.ok) return parsed;
  const exact = byHunk(format, text, parsed.value, entry);
  if (exact !== undefined) return emptied(format, exact, entry.path, containers);
  const edited = format.edit(text, [
    entry.displaced === undefined
      ? { op: 'remove', path: entry.path }
      : { op: 'set', path: entry.path, value: entry.displaced },
  ]);
  if (!edited.ok) return edited;
  return emptied(format, edited.value.text, entry.path, containers);
}

/** The recorded hunk is trusted only as far as its result means what it should. */
function byHunk(
  format: DocumentFormat,
  text: string,
  value: ConfigValue | undefined,
  entry: LedgerEntry,
): string | undefined {
  const candidate = entry.undo && withoutHunk(text, entry.undo);
  if (candidate === undefined) return undefined;
  const found = format.parse(candidate);
  if (!found.ok) return undefined;
  const intended =
    entry.displaced === undefined
      ? withoutValueAt(value ?? {}, entry.path)
      : withValueAt(value, entry.path, entry.displaced);
  return sameValue(pruned(found.value, entry.path), pruned(intended, entry.path)) ? candidate : undefined;
}

/** Without the containers on the way that hold nothing, which is all a hunk may change beside its entry. */
function pruned(root: ConfigValue | undefined, path: Path): ConfigValue {
  let value: ConfigValue = root ?? {};
  for (let depth = path.length - 1; depth > 0; depth -= 1) {
    const prefix = path.slice(0, depth);
    const at = valueAt(value, prefix);
    if (at === null || (isMap(at) && Object.keys(at).length === 0)) value = withoutValueAt(value, prefix);
  }
  return value;
}

/** Gives containers that we created or filled, and that are empty again, their old form; a comment inside keeps them. */
function emptied(
  format: DocumentFormat,
  text: string,
  path: Path,
  containers: readonly LedgerContainer[],
): Outcome<string | undefined, EditError> {
  let now = text;
  for (let depth = path.length - 1; depth > 0; depth -= 1) {
    const prefix = path.slice(0, depth);
    const record = containers.find((container) => samePath(container.path, prefix));
    if (!record || !isBareMap(now, format.valueRange(now, prefix))) continue;
    const restored =
      record.original === null ? removed(format, now, prefix) : rewritten(format, now, prefix, record.original);
    if (!restored.ok) return restored;
    now = restored.value;
  }
  const root = containers.find((container) => container.path.length === 0);
  return ok(root && isAsBefore(format, now, root.original ?? '') ? (root.original ?? undefined) : now);
}

function isBareMap(text: string, range: TextRange | undefined): range is TextRange {
  return range !== undefined && squashed(text.slice(...range)) === '{}';
}

/** Whether a document holds nothing more than it did when it was blank or empty. */
function isAsBefore(format: DocumentFormat, text: string, original: string): boolean {
  return beyondRoot(format, text) === beyondRoot(format, original);
}

function beyondRoot(format: DocumentFormat, text: string): string {
  const range = format.valueRange(text, []);
  return squashed(isBareMap(text, range) ? text.slice(0, range[0]) + text.slice(range[1]) : text);
}

function squashed(text: string): string {
  return text.replace(/[\s\uFEFF]+/g, '');
}

function removed(format: DocumentFormat, text: string, path: Path): Outcome<string, EditError> {
  const edited = format.edit(text, [{ op: 'remove', path }]);
  return edited.ok ? ok(edited.value.text) : edited;
}

function rewritten(format: DocumentFormat, text: string, path: Path, original: string): Outcome<string, EditError> {
  const range = format.valueRange(text, path);
  if (!range) return ok(text);
  const candidate = text.slice(0, range[0]) + original + text.slice(range[1]);
  // The old form may no longer fit where its surroundings were edited; the empty map then stays as it is.
  return ok(format.parse(candidate).ok ? candidate : text);
}

/** The records of containers that a first entry at `path` will make or fill. */
export function containersToRecord(
  format: DocumentFormat,
  text: string | undefined,
  value: ConfigValue | undefined,
  path: Path,
): LedgerContainer[] {
  const records: LedgerContainer[] = [];
  for (let depth = 0; depth < path.length; depth += 1) {
    const prefix = path.slice(0, depth);
    const at = valueAt(value, prefix);
    const filled = isMap(at) && Object.keys(at).length > 0;
    if (depth === 0 && !filled) records.push({ path: prefix, original: text ?? null });
    else if (at === undefined) records.push({ path: prefix, original: null });
    else if (!filled) {
      const range = format.valueRange(text ?? '', prefix);
      if (range && text !== undefined) records.push({ path: prefix, original: text.slice(...range) });
    }
  }
  return records;
}

/** Container records that still have an entry of ours below them. */
export function containersInUse(
  containers: readonly LedgerContainer[],
  entries: readonly LedgerEntry[],
): LedgerContainer[] {
  return containers.filter((container) => entries.some((entry) => startsWith(entry.path, container.path)));
}

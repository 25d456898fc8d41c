import { type ConfigValue, isMap, type Path, samePath, sameValue, valueAt } from './config-value.ts';
import type { DocumentFormat } from './document-format.ts';
import type { EditError } from './edit-error.ts';
import { hunkBetween } from './hunk.ts';
import { isJsonPrintable } from './json/json-print.ts';
import { entryAt, type FileLedger, type LedgerContainer, type LedgerEntry } from './ledger.ts';
import { type Outcome, ok } from './outcome.ts';
import type { ReconcilePolicy } from './reconcile-policy.ts';
import { containersInUse, containersToRecord, withoutEntry } from './undo.ts';
import { textDigest, valueDigest } from './value-digest.ts';

export interface DesiredEntry {
  readonly path: Path;
  readonly value: ConfigValue;
}

/**
 * - `added`, `updated` (ours, new wish), `repaired` (ours, edited by somebody, put right), `replaced` (foreign entry gave way)
 * - `removed`, `released` (no longer wished, but edited since: left to its editor), `lapsed` (was gone already)
 * - `unchanged`, `adopted` (equal already, owned from now on), `left` (equal already, stays its author's)
 * - `kept_edited`, `kept_foreign`: differs from the wish and the policy protects it
 */
export type Action =
  | 'added'
  | 'updated'
  | 'repaired'
  | 'replaced'
  | 'removed'
  | 'released'
  | 'lapsed'
  | 'unchanged'
  | 'adopted'
  | 'left'
  | 'kept_edited'
  | 'kept_foreign';

export interface ReconcileResult {
  /** Undefined: there should be no file. The very same string as given when nothing had to change. */
  readonly text: string | undefined;
  readonly ledger: FileLedger;
  readonly actions: readonly { readonly path: Path; readonly action: Action }[];
}

interface State {
  text: string | undefined;
  entries: LedgerEntry[];
  containers: LedgerContainer[];
  actions: { path: Path; action: Action }[];
}

/**
 * Brings a text to the wish: entries of ours that are no longer wished go, wished ones come or are put right, everything else
 * keeps its bytes (B52, B68, T24, T27, T28, T37). Pure; the order of the wished entries decides only where new ones stand.
 */
export function reconcile(
  format: DocumentFormat,
  text: string | undefined,
  desired: readonly DesiredEntry[],
  ledger: FileLedger,
  policy: ReconcilePolicy,
): Outcome<ReconcileResult, EditError> {
  if (ledger.settled !== undefined && ledger.settled === settledDigest(text, desired, policy)) {
    return ok({ text, ledger, actions: desired.map(({ path }) => ({ path, action: 'unchanged' })) });
  }
  const state: State = { text, entries: [...ledger.entries], containers: [...ledger.containers], actions: [] };
  const unwished = ledger.entries.filter((entry) => !desired.some(({ path }) => samePath(path, entry.path)));
  // Last in, first out: each removal then meets the text it left behind.
  for (const entry of unwished.reverse()) {
    const done = takeOut(format, state, entry);
    if (!done.ok) return done;
  }
  for (const wish of desired) {
    const done = bringIn(format, state, wish, entryAt(ledger, wish.path), policy);
    if (!done.ok) return done;
  }
  const kept = state.actions.some(({ action }) => action === 'kept_edited' || action === 'kept_foreign');
  return ok({
    text: state.text,
    actions: state.actions,
    ledger: {
      version: 1,
      entries: state.entries,
      containers: containersInUse(state.containers, state.entries),
      ...(kept ? {} : { settled: settledDigest(state.text, desired, policy) }),
    },
  });
}

function settledDigest(text: string | undefined, desired: readonly DesiredEntry[], policy: ReconcilePolicy): string {
  const wish = desired.map(({ path, value }) => [[...path], valueDigest(value)]);
  return textDigest(JSON.stringify([text === undefined ? null : textDigest(text), wish, policy]));
}

function takeOut(format: DocumentFormat, state: State, entry: LedgerEntry): Outcome<void, EditError> {
  const parsed = format.parse(state.text ?? '');
  if (!parsed.ok) return parsed;
  const current = valueAt(parsed.value, entry.path);
  const action = current === undefined ? 'lapsed' : valueDigest(current) === entry.digest ? 'removed' : 'released';
  if (action === 'removed') {
    const without = withoutEntry(format, state.text ?? '', entry, state.containers);
    if (!without.ok) return without;
    state.text = without.value;
  }
  state.entries = state.entries.filter((other) => other !== entry);
  state.actions.push({ path: entry.path, action });
  return ok(undefined);
}

function bringIn(
  format: DocumentFormat,
  state: State,
  wish: DesiredEntry,
  owned: LedgerEntry | undefined,
  policy: ReconcilePolicy,
): Outcome<void, EditError> {
  const parsed = format.parse(state.text ?? '');
  if (!parsed.ok) return parsed;
  const current = valueAt(parsed.value, wish.path);
  const action = decide(current, wish.value, owned, policy);
  if (action === 'added' || action === 'updated' || action === 'repaired' || action === 'replaced') {
    const written = write(format, state, parsed.value, wish, owned, policy);
    if (!written.ok) return written;
  } else if (action === 'adopted') {
    state.entries.push({ path: wish.path, digest: valueDigest(wish.value) });
  }
  state.actions.push({ path: wish.path, action });
  return ok(undefined);
}

function decide(
  current: ConfigValue | undefined,
  wanted: ConfigValue,
  owned: LedgerEntry | undefined,
  policy: ReconcilePolicy,
): Action {
  if (current === undefined) return owned ? 'repaired' : 'added';
  if (sameValue(current, wanted)) return owned ? 'unchanged' : policy.identical === 'adopt' ? 'adopted' : 'left';
  if (!owned) return policy.foreign === 'replace' ? 'replaced' : 'kept_foreign';
  if (valueDigest(current) === owned.digest) return 'updated';
  return policy.edited === 'replace' ? 'repaired' : 'kept_edited';
}

/** Writes the wished value and notes what is needed to take it back exactly. */
function write(
  format: DocumentFormat,
  state: State,
  value: ConfigValue | undefined,
  wish: DesiredEntry,
  owned: LedgerEntry | undefined,
  policy: ReconcilePolicy,
): Outcome<void, EditError> {
  const current = valueAt(value, wish.path);
  const fresh = current === undefined ? containersToRecord(format, state.text, value, wish.path) : [];
  const containers = [
    ...state.containers.filter((old) => !fresh.some(({ path }) => samePath(path, old.path))),
    ...fresh,
  ];
  const opened =
    policy.wrongShape === 'replace' ? openedWay(format, state.text ?? '', value, wish.path) : ok(state.text ?? '');
  if (!opened.ok) return opened;
  const edited = format.edit(opened.value, [{ op: 'set', path: wish.path, value: wish.value }]);
  if (!edited.ok) return edited;
  const before = textBefore(format, state, current, owned);
  const displaced = current === undefined ? undefined : owned ? owned.displaced : storable(current);
  const plain: LedgerEntry = {
    path: wish.path,
    digest: valueDigest(wish.value),
    ...(displaced === undefined ? {} : { displaced }),
  };
  // The record of the root helps only while nobody else writes into a blank file, so the undo has to be exact without it.
  const inner = containers.filter((container) => container.path.length > 0);
  const undone = withoutEntry(format, edited.value.text, plain, inner);
  const exact = undone.ok && undone.value === (before ?? '');
  const entry = exact ? plain : { ...plain, undo: hunkBetween(before ?? '', edited.value.text) };
  const index = state.entries.findIndex((other) => samePath(other.path, wish.path));
  state.entries = index < 0 ? [...state.entries, entry] : state.entries.with(index, entry);
  state.containers = containers;
  state.text = edited.value.text;
  return ok(undefined);
}

/** The ledger is plain JSON; a value it cannot hold (a TOML date) is not brought back when its text has changed since. */
function storable(value: ConfigValue): ConfigValue | undefined {
  return isJsonPrintable(value) ? value : undefined;
}

/** The text as it would be without our entry, which is what a later undo has to give back. */
function textBefore(
  format: DocumentFormat,
  state: State,
  current: ConfigValue | undefined,
  owned: LedgerEntry | undefined,
): string | undefined {
  if (current === undefined || !owned) return state.text;
  const without = withoutEntry(format, state.text ?? '', owned, state.containers);
  return without.ok ? without.value : state.text;
}

/** Puts an empty map where a value of another type blocks the way (B55, T29). */
function openedWay(
  format: DocumentFormat,
  text: string,
  value: ConfigValue | undefined,
  path: Path,
): Outcome<string, EditError> {
  for (let depth = 1; depth < path.length; depth += 1) {
    const prefix = path.slice(0, depth);
    const at = valueAt(value, prefix);
    if (at === undefined) break;
    if (isMap(at) || (at === null && format.id === 'yaml')) continue;
    const edited = format.edit(text, [{ op: 'set', path: prefix, value: {} }]);
    return edited.ok ? ok(edited.value.text) : edited;
  }
  return ok(text);
}

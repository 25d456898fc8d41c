import {
  type ConfigMap,
  type ConfigValue,
  isMap,
  ownValue,
  type Path,
  sameValue,
  valueAt,
  withoutValueAt,
  withValueAt,
} from './config-value.ts';
import type { DocumentFormat, Edit, EditResult } from './document-format.ts';
import { type EditError, editError } from './edit-error.ts';
import type { FormatDriver } from './format-driver.ts';
import { type Outcome, ok } from './outcome.ts';
import { remembering } from './parse-memory.ts';

/** Larger texts are refused: parsing them would stall a boot. some runtimes keep history in theirs, which reaches a few MB. */
export const MAX_CONFIG_CHARS = 16 * 1024 * 1024;

const BOM = '\uFEFF';

/** Makes a format out of a driver: limits, byte order mark, no-op, smallest edit, and the check after every step. */
export function documentFormat(rawDriver: FormatDriver): DocumentFormat {
  const driver = { ...rawDriver, parse: remembering(rawDriver.parse) };
  return {
    id: driver.id,
    parse: (text) => guarded(driver, withoutBom(text)),
    edit: (text, edits) => {
      const body = withoutBom(text);
      const parsed = guarded(driver, body);
      if (!parsed.ok) return parsed;
      const edited = applyEdits(driver, { text: body, changed: false, value: parsed.value }, edits);
      if (!edited.ok) return edited;
      if (edited.value.text === body) return ok({ text, changed: false, value: edited.value.value });
      const bom = body.length === text.length ? '' : BOM;
      return ok({ text: bom + edited.value.text, changed: true, value: edited.value.value });
    },
    valueRange: (text, path) => {
      const body = withoutBom(text);
      const shift = text.length - body.length;
      const range = driver.valueRange(body, path);
      return range && [range[0] + shift, range[1] + shift];
    },
  };
}

function withoutBom(text: string): string {
  return text.startsWith(BOM) ? text.slice(1) : text;
}

function guarded(driver: FormatDriver, text: string): Outcome<ConfigValue | undefined, EditError> {
  if (text.length > MAX_CONFIG_CHARS)
    return editError('too_large', `The file is larger than ${MAX_CONFIG_CHARS} characters.`);
  if (text.includes('\0'))
    return editError('binary', 'The file holds NUL characters, so it is not a text configuration.');
  try {
    return driver.parse(text);
  } catch (error) {
    // The libraries recurse; a stack overflow is the sign of hostile nesting, anything else is a bug.
    if (error instanceof RangeError) return editError('too_deep', 'The file is nested too deeply.');
    throw error;
  }
}

function applyEdits(driver: FormatDriver, start: EditResult, edits: readonly Edit[]): Outcome<EditResult, EditError> {
  let at = start;
  for (const edit of edits) {
    if (edit.op === 'remove' && edit.path.length === 0) {
      return editError('unsupported', 'The top level cannot be removed.', { path: [] });
    }
    const blocked = firstObstacle(driver, at.value, edit.path);
    if (blocked) {
      if (edit.op === 'remove') continue;
      return editError('wrong_type', `The value at ${showPath(blocked)} is not a map.`, { path: blocked });
    }
    for (const step of smallestSteps(at.value, edit)) {
      const done = verifiedStep(driver, at, step);
      if (!done.ok) return done;
      at = done.value;
    }
  }
  return ok(at);
}

/** The path of the first value on the way that cannot hold a key. */
function firstObstacle(driver: FormatDriver, root: ConfigValue | undefined, path: Path): Path | undefined {
  for (let depth = 0; depth < path.length; depth += 1) {
    const value = valueAt(root, path.slice(0, depth));
    if (value === undefined) return undefined;
    if (value === null && driver.nullIsEmptyMap) return undefined;
    if (!isMap(value)) return path.slice(0, depth);
  }
  return undefined;
}

/** Where both the old and the wanted value are maps, only the keys that differ are touched, so comments between them stay. */
function smallestSteps(root: ConfigValue | undefined, edit: Edit): readonly Edit[] {
  const current = valueAt(root, edit.path);
  if (edit.op === 'remove') return current === undefined ? [] : [edit];
  if (sameValue(current, edit.value)) return [];
  if (!isMap(current) || !isMap(edit.value) || isEmpty(current) || isEmpty(edit.value)) return [edit];
  const wanted = edit.value;
  const kept = Object.keys(current).filter((key) => Object.hasOwn(wanted, key));
  // Nothing in common: one replacement reads better than a row of single changes.
  if (kept.length === 0 && edit.path.length > 0) return [edit];
  const sets = Object.keys(wanted).flatMap((key) => {
    const value = ownValue(wanted, key);
    return value === undefined ? [] : smallestSteps(root, { op: 'set', path: [...edit.path, key], value });
  });
  const removals = Object.keys(current)
    .filter((key) => !Object.hasOwn(wanted, key))
    .map((key): Edit => ({ op: 'remove', path: [...edit.path, key] }));
  return [...sets, ...removals];
}

function isEmpty(map: ConfigMap): boolean {
  return Object.keys(map).length === 0;
}

function verifiedStep(driver: FormatDriver, at: EditResult, step: Edit): Outcome<EditResult, EditError> {
  const root = at.value ?? {};
  const written = step.op === 'set' ? driver.set(at.text, step.path, step.value) : driver.remove(at.text, step.path);
  if (!written.ok) return written;
  const parsed = guarded(driver, written.value);
  const intended = step.op === 'set' ? withValueAt(root, step.path, step.value) : withoutValueAt(root, step.path);
  if (!parsed.ok || !meansSame(driver, parsed.value ?? {}, intended, step.path)) {
    return editError('mismatch', `Editing ${showPath(step.path)} would have changed more than intended.`, {
      path: step.path,
    });
  }
  return ok({ text: written.value, changed: true, value: parsed.value });
}

function meansSame(driver: FormatDriver, found: ConfigValue, intended: ConfigValue, path: Path): boolean {
  if (sameValue(found, intended)) return true;
  if (!driver.vanishingContainers) return false;
  return sameValue(withoutEmptyParents(found, path), withoutEmptyParents(intended, path));
}

function withoutEmptyParents(root: ConfigValue, path: Path): ConfigValue {
  let value = root;
  for (let depth = path.length - 1; depth > 0; depth -= 1) {
    const at = valueAt(value, path.slice(0, depth));
    if (!isMap(at) || !isEmpty(at)) return value;
    value = withoutValueAt(value, path.slice(0, depth));
  }
  return value;
}

function showPath(path: Path): string {
  return path.length === 0 ? 'the top level' : path.map((key) => JSON.stringify(key)).join(' > ');
}

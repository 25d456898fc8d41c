import { type ConfigValue, isMap } from '../config-value.ts';

/** The value in TOML 1.0, on one line; undefined where TOML has no form for it (null, half a surrogate pair). */
export function printToml(value: ConfigValue): string | undefined {
  if (value === null) return undefined;
  if (typeof value === 'string') return printString(value);
  if (typeof value === 'number') return printNumber(value);
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return listed(value.map(printToml), '[', ']');
  if (!isMap(value)) return String(value);
  return printMap(Object.entries(value).map(([key, child]) => printPair([key], child)));
}

/** `key = value`, the key dotted where the path has several steps. */
export function printPair(path: readonly string[], value: ConfigValue): string | undefined {
  const key = printKey(path);
  const printed = printToml(value);
  return key === undefined || printed === undefined ? undefined : `${key} = ${printed}`;
}

export function printKey(path: readonly string[]): string | undefined {
  const parts = path.map((key) => (/^[A-Za-z0-9_-]+$/.test(key) ? key : printString(key)));
  return parts.includes(undefined) ? undefined : parts.join('.');
}

function printMap(pairs: readonly (string | undefined)[]): string | undefined {
  return pairs.length === 0 ? '{}' : listed(pairs, '{ ', ' }');
}

function listed(parts: readonly (string | undefined)[], open: string, close: string): string | undefined {
  return parts.includes(undefined) ? undefined : open + parts.join(', ') + close;
}

/** A JSON string is a TOML basic string, but for DEL, which TOML wants escaped. */
function printString(text: string): string | undefined {
  return text.isWellFormed() ? JSON.stringify(text).replaceAll('\u007F', '\\u007F') : undefined;
}

function printNumber(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  const text = String(value);
  // A large whole number would come back as an integer of another kind.
  return Number.isInteger(value) && !Number.isSafeInteger(value) && !text.includes('e') ? `${text}.0` : text;
}

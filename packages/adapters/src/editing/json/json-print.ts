import { type ConfigValue, isMap } from '../config-value.ts';

/** How the neighbours are written, so that a new entry looks like them. */
export interface JsonStyle {
  readonly eol: string;
  /** One level of indentation. */
  readonly unit: string;
  /** `: ` or `:` */
  readonly colon: string;
  /** `, ` or `,` between entries on one line */
  readonly comma: string;
}

/** Whether JSON has a form for the value: no NaN, infinity, big integer or date. */
export function isJsonPrintable(value: ConfigValue): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value === 'bigint' || value instanceof Date || value === undefined) return false;
  if (Array.isArray(value)) return value.every(isJsonPrintable);
  return !isMap(value) || Object.values(value).every(isJsonPrintable);
}

/** The value over several lines; every line after the first starts with `base`. */
export function printBlock(value: ConfigValue, base: string, style: JsonStyle): string {
  return JSON.stringify(value, null, style.unit).replaceAll('\n', style.eol + base);
}

/** The value on one line. */
export function printInline(value: ConfigValue, style: JsonStyle): string {
  if (Array.isArray(value)) return `[${value.map((item: ConfigValue) => printInline(item, style)).join(style.comma)}]`;
  if (!isMap(value)) return JSON.stringify(value);
  const entries = Object.entries(value).map(
    ([key, child]) => JSON.stringify(key) + style.colon + printInline(child, style),
  );
  return `{${entries.join(style.comma)}}`;
}

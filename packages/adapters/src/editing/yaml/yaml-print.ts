import { type ConfigValue, isMap } from '../config-value.ts';

/** Words that some YAML version reads as something else than a string. */
const RESERVED = /^(?:y|yes|n|no|on|off|true|false|null|nan|inf)$/i;
const PLAIN = /^[A-Za-z_][A-Za-z0-9_./-]*$/;
/** Line breaks of YAML 1.1, and what readers strip or refuse when it stands bare. */
const UNSAFE = /[\u007F-\u009F\u2028\u2029\uFEFF\uFFFE\uFFFF]/g;

/** Whether YAML's plain schema has a form for the value: no dates, no big integers. */
export function isYamlPrintable(value: ConfigValue): boolean {
  if (typeof value === 'bigint' || value instanceof Date) return false;
  if (Array.isArray(value)) return value.every(isYamlPrintable);
  return !isMap(value) || Object.values(value).every(isYamlPrintable);
}

/** The value on one line. */
export function printFlow(value: ConfigValue): string {
  if (typeof value === 'string') return printString(value);
  if (typeof value === 'number') return printNumber(value);
  if (Array.isArray(value)) return `[${value.map(printFlow).join(', ')}]`;
  if (!isMap(value)) return String(value);
  return `{${Object.entries(value)
    .map(([key, child]) => `${printString(key)}: ${printFlow(child)}`)
    .join(', ')}}`;
}

/** `key: value` over several lines, every line indented; maps as blocks, lists on one line. */
export function printEntry(key: string, value: ConfigValue, indent: string, step: string, eol: string): string {
  const head = `${indent}${printString(key)}:`;
  if (!isMap(value) || Object.keys(value).length === 0) return `${head} ${printFlow(value)}`;
  return [
    head,
    ...Object.entries(value).map(([name, child]) => printEntry(name, child, indent + step, step, eol)),
  ].join(eol);
}

/** Double-quoted YAML takes every JSON string; the rest is escaped so that readers of YAML 1.1 agree. */
function printString(text: string): string {
  if (PLAIN.test(text) && !RESERVED.test(text)) return text;
  return JSON.stringify(text).replace(UNSAFE, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function printNumber(value: number): string {
  if (Number.isNaN(value)) return '.nan';
  if (!Number.isFinite(value)) return value > 0 ? '.inf' : '-.inf';
  return String(value);
}

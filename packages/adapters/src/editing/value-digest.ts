import { createHash } from 'node:crypto';
import { type ConfigValue, isMap } from './config-value.ts';

/** SHA-256 (hex) of a text. */
export function textDigest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** SHA-256 (hex) of a value, the same for any order of keys. */
export function valueDigest(value: ConfigValue): string {
  return textDigest(canonical(value));
}

function canonical(value: ConfigValue): string {
  if (typeof value === 'bigint') return `${value}n`;
  if (value instanceof Date) return `@${value.toISOString()}`;
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (!isMap(value)) return typeof value === 'number' ? String(value) : JSON.stringify(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, child]) => `${JSON.stringify(key)}:${canonical(child)}`).join(',')}}`;
}

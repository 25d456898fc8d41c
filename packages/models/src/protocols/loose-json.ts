/** An object's fields, or none: agent CLIs send many shapes, and an unknown shape is skipped rather than refused. */
export function fieldsOf(value: unknown): Record<string, unknown> {
  // A non-null, non-array object is exactly what this index type says: string keys, unknown values.
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

/** The elements of an array, or none. */
export function itemsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The string itself, or the given default for anything else. */
export function textOf(value: unknown, fallback = ''): string {
  return typeof value === 'string' ? value : fallback;
}

/** Parses JSON without throwing; `undefined` means it was not JSON (JSON itself has no undefined). */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Prefixes a test title with the ids of the requirements it proves, e.g. `[B52 T28] replaces a drifted entry`.
 * The gate test reads these prefixes and compares them with the requirement manifest.
 */
export function verifies(ids: string | readonly string[], title: string): string {
  const list = typeof ids === 'string' ? [ids] : ids;
  return `[${list.join(' ')}] ${title}`;
}

import { createHash } from 'node:crypto';

/** Digest of what an agent is told of a tool: name, title, description, schemas, annotations. The order of keys does not count. */
export function toolDigest(tool: object): string {
  const told = Object.fromEntries(
    ['name', 'title', 'description', 'inputSchema', 'outputSchema', 'annotations'].map((key) => [
      key,
      (tool as Readonly<Record<string, unknown>>)[key] ?? null,
    ]),
  ); // any JSON object
  return createHash('sha256')
    .update(JSON.stringify(sorted(told)))
    .digest('hex')
    .slice(0, 32);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}

import { fieldsOf, textOf } from '../protocols/loose-json.ts';

const MAX_DEPTH = 8;

/** The smallest value that fits a JSON schema: runtimes ask for structured side answers (routing, titles) and fail on prose. */
export function schemaExample(schema: unknown, depth = 0): unknown {
  const fields = fieldsOf(schema);
  if (fields['const'] !== undefined) return fields['const'];
  if (Array.isArray(fields['enum']) && fields['enum'].length > 0) return fields['enum'][0];
  const union = fields['anyOf'] ?? fields['oneOf'];
  if (Array.isArray(union) && union.length > 0 && depth < MAX_DEPTH) return schemaExample(union[0], depth + 1);
  const type = textOf(Array.isArray(fields['type']) ? fields['type'][0] : fields['type'], 'string').toLowerCase();
  if (type === 'object' && depth < MAX_DEPTH) {
    return Object.fromEntries(
      Object.entries(fieldsOf(fields['properties'])).map(([name, inner]) => [name, schemaExample(inner, depth + 1)]),
    );
  }
  if (type === 'array') return [];
  if (type === 'boolean') return false;
  if (type === 'null') return null;
  if (type === 'number' || type === 'integer') return typeof fields['minimum'] === 'number' ? fields['minimum'] : 1;
  return 'ok';
}

import pg from 'pg';

const INT8_OID = 20;
const INT8_ARRAY_OID: number = 1016;

/** The library gives the items as text. It types every parser as giving `any`; this one gives what it says. */
const parseTextItems: (text: string) => readonly (string | null)[] = pg.types.getTypeParser(INT8_ARRAY_OID, 'text');

/**
 * How values from PostgreSQL become JavaScript values, for the connections that are opened with it (the client library's global
 * table stays as it is). `bigint` becomes a number: our ids and counts are far below 2^53. One that is not throws
 * a RangeError, so that nothing is rounded silently.
 */
export const VALUE_PARSERS: pg.CustomTypesConfig = {
  // The library's own table is typed per overload; this is the one lookup that it needs.
  getTypeParser: ((oid: number, format?: 'text' | 'binary') => {
    if (format !== 'binary' && oid === INT8_OID) return parseInt8;
    if (format !== 'binary' && oid === INT8_ARRAY_OID) return parseInt8Array;
    return format === 'binary' ? pg.types.getTypeParser(oid, 'binary') : pg.types.getTypeParser(oid, 'text');
  }) as pg.CustomTypesConfig['getTypeParser'],
};

export function parseInt8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`The bigint ${text} does not fit into a JavaScript number.`);
  return value;
}

function parseInt8Array(text: string): (number | null)[] {
  return parseTextItems(text).map((item) => (item === null ? null : parseInt8(item)));
}

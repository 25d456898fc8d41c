import fc from 'fast-check';
import type { ConfigMap, ConfigValue, Path } from '../../src/editing/config-value.ts';

/** Keys as people and vendors really write them, and the ones that break naive code. */
export const keyArbitrary: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_-]{0,8}$/) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '__proto__',
      'constructor',
      'toString',
      'a.b',
      'with space',
      'quo"te',
      "apo'strophe",
      'back\\slash',
      'ключ',
      '键',
      '🔑',
      '',
      '1',
      'true',
      'null',
      '#',
      '//',
      'a:b',
      '- x',
      'tab\there',
    ),
  },
);

/** The path of an entry of ours: two steps, as in every runtime's configuration. */
export const entryPathArbitrary: fc.Arbitrary<Path> = fc.tuple(
  fc.constantFrom('mcpServers', 'mcp_servers', 'mcp'),
  fc.oneof(fc.constant('molecule-platform'), keyArbitrary),
);

const scalarArbitrary = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.constantFrom(
    '${K}',
    '{env:K}',
    'yes',
    'null',
    '1e3',
    'a "b" \\ c',
    'line\nbreak',
    'ünï',
    '# x',
    '/* x */',
    ' lead',
    'trail ',
  ),
  fc.boolean(),
  fc.integer({ min: -1000, max: 1000 }),
  fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }).map((n) => (Object.is(n, -0) ? 0 : n)),
);

/** A server entry: what adapters really write, with odd names and values mixed in. */
export const entryArbitrary: fc.Arbitrary<ConfigMap> = fc
  .record(
    {
      command: fc.string({ maxLength: 10 }),
      args: fc.array(fc.string({ maxLength: 8 }), { maxLength: 3 }),
      env: fc.array(fc.tuple(keyArbitrary, fc.string({ maxLength: 8 })), { maxLength: 3 }).map(toMap),
      enabled: fc.boolean(),
      timeout: fc.integer({ min: 0, max: 600 }),
      extra: fc.oneof(scalarArbitrary, fc.array(scalarArbitrary, { maxLength: 2 })),
    },
    { requiredKeys: ['command'] },
  )
  .map((entry): ConfigMap => entry);

export function toMap(entries: readonly (readonly [string, ConfigValue])[]): ConfigMap {
  return Object.fromEntries(entries);
}

/** Whether every character of `part` occurs in `whole`, in order. */
export function isSubsequence(part: string, whole: string): boolean {
  let at = 0;
  for (const char of part) {
    at = whole.indexOf(char, at);
    if (at < 0) return false;
    at += char.length;
  }
  return true;
}

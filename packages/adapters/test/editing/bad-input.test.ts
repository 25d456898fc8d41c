import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import type { ConfigValue } from '../../src/editing/config-value.ts';
import type { DocumentFormat } from '../../src/editing/document-format.ts';
import { jsoncFormat, jsonFormat } from '../../src/editing/json/json-format.ts';
import { tomlFormat } from '../../src/editing/toml/toml-format.ts';
import { yamlFormat } from '../../src/editing/yaml/yaml-format.ts';

const SET = { op: 'set', path: ['mcp_servers', 'm'], value: { command: 'x' } } as const;

const CASES: readonly (readonly [string, DocumentFormat, string, string])[] = [
  ['truncated JSON', jsonFormat, '{"a": {"b": [1, 2', 'corrupt'],
  ['JSON with a comment', jsonFormat, '{"a": 1} // no', 'corrupt'],
  ['JSON with a trailing comma', jsonFormat, '{"a": 1,}', 'corrupt'],
  ['JSONC with an open comment', jsoncFormat, '{"a": 1} /* no', 'corrupt'],
  ['JSONC with two commas', jsoncFormat, '{"a": 1,,}', 'corrupt'],
  ['JSONC with a missing comma', jsoncFormat, '{"a": 1 "b": 2}', 'corrupt'],
  ['two JSON values', jsoncFormat, '{} {}', 'corrupt'],
  ['NUL in JSON', jsonFormat, '{"a": "\0"}', 'binary'],
  ['deep JSON', jsonFormat, `{"a": ${'['.repeat(5000)}${']'.repeat(5000)}}`, 'too_deep'],
  ['deep JSONC, truncated', jsoncFormat, '{"a":'.repeat(200_000), 'too_deep'],
  ['huge JSON', jsonFormat, `"${'x'.repeat(17 * 1024 * 1024)}"`, 'too_large'],
  ['an array as JSON root', jsonFormat, '[]', 'wrong_type'],
  ['null as JSON root', jsonFormat, 'null', 'wrong_type'],
  ['servers as JSON array', jsonFormat, '{"mcp_servers": []}', 'wrong_type'],
  ['servers as JSON null', jsonFormat, '{"mcp_servers": null}', 'wrong_type'],
  ['the servers twice in JSON', jsonFormat, '{"mcp_servers": {}, "mcp_servers": {}}', 'duplicate_key'],
  [
    'the servers twice in JSON, once escaped',
    jsonFormat,
    '{"mcp_servers": {}, "mcp\\u005fservers": {}}',
    'duplicate_key',
  ],
  ['our name twice in JSONC', jsoncFormat, '{"mcp_servers": {"m": 1, "m": 2}}', 'duplicate_key'],
  ['truncated TOML', tomlFormat, '[mcp_servers\na = 1', 'corrupt'],
  ['TOML with an open string', tomlFormat, 'a = "x', 'corrupt'],
  ['a table twice in TOML', tomlFormat, '[mcp_servers.m]\na=1\n[mcp_servers.m]\nb=2', 'duplicate_key'],
  ['a key twice in TOML', tomlFormat, 'a=1\na=2', 'duplicate_key'],
  ['deep TOML', tomlFormat, `a = ${'['.repeat(2000)}${']'.repeat(2000)}`, 'too_deep'],
  ['NUL in TOML', tomlFormat, 'a = 1\0', 'binary'],
  ['servers as TOML array of tables', tomlFormat, '[[mcp_servers]]\nname = "x"', 'wrong_type'],
  ['servers as TOML number', tomlFormat, 'mcp_servers = 5', 'wrong_type'],
  ['broken YAML', yamlFormat, 'a: [1, 2\nb: }', 'corrupt'],
  ['YAML with tabs as indentation', yamlFormat, 'a:\n\tb: 1', 'corrupt'],
  ['a key twice in YAML', yamlFormat, 'a: 1\na: 2', 'duplicate_key'],
  ['two YAML documents', yamlFormat, 'a: 1\n---\nb: 2', 'unsupported'],
  ['an undefined YAML alias', yamlFormat, 'a: *nowhere', 'corrupt'],
  ['deep YAML', yamlFormat, '['.repeat(100_000), 'too_deep'],
  [
    'deep YAML blocks',
    yamlFormat,
    Array.from({ length: 3000 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'),
    'too_deep',
  ],
  ['a YAML alias bomb', yamlFormat, aliasBomb(), 'corrupt'],
  ['servers as YAML list', yamlFormat, 'mcp_servers:\n- a', 'wrong_type'],
  ['a YAML list as root', yamlFormat, '- a\n- b', 'wrong_type'],
  ['a YAML text as root', yamlFormat, 'just words', 'wrong_type'],
  ['servers as YAML alias', yamlFormat, 'x: &x {a: {b: 1}}\nmcp_servers: *x', 'unsupported'],
  ['servers that another key repeats', yamlFormat, 'mcp_servers: &s\n  a: 1\nother: *s', 'mismatch'],
  ['explicit YAML keys', yamlFormat, 'mcp_servers:\n  ? a\n  : b', 'unsupported'],
];

function aliasBomb(): string {
  const levels = Array.from(
    { length: 12 },
    (_, level) =>
      `l${level}: &l${level} [${Array.from({ length: 9 }, () => (level === 0 ? 'x' : `*l${level - 1}`)).join(', ')}]`,
  );
  return levels.join('\n');
}

test.each(CASES)(
  verifies(['B55', 'I3-bad-files'], 'bad input is a typed error, found quickly: %s'),
  (_name, format, text, code) => {
    const started = performance.now();
    const edited = format.edit(text, [SET]);
    expect(edited.ok ? 'accepted' : edited.error.code).toBe(code);
    expect(edited.ok ? '' : edited.error.hint).not.toBe('');
    expect(performance.now() - started).toBeLessThan(20_000);
  },
);

const UNPRINTABLE: readonly (readonly [DocumentFormat, ConfigValue])[] = [
  [jsonFormat, Number.NaN],
  [jsonFormat, { a: [1n] }],
  [jsoncFormat, new Date(0)],
  [tomlFormat, null],
  [tomlFormat, { a: [null] }],
  [tomlFormat, 'half \uD800 a pair'],
  [yamlFormat, 1n],
];

test.each(UNPRINTABLE)(verifies('B68', 'a value the format has no form for is refused: $id'), (format, value) => {
  const edited = format.edit('', [{ op: 'set', path: ['a'], value }]);
  expect(edited.ok ? 'accepted' : edited.error.code).toBe('unprintable');
});

test(verifies('B68', 'an error never quotes the file: it may hold a secret'), () => {
  for (const format of [jsonFormat, tomlFormat, yamlFormat]) {
    const edited = format.edit('token = sk-very-secret: [ "', [SET]);
    expect(JSON.stringify(edited)).not.toContain('sk-very-secret');
    expect(edited.ok).toBe(false);
  }
});

test(verifies(['B68', 'I3-bad-names'], '__proto__ is an ordinary name, and nothing is polluted'), () => {
  for (const format of [jsonFormat, jsoncFormat, tomlFormat, yamlFormat]) {
    const path = ['mcp_servers', '__proto__'];
    const set = format.edit('', [{ op: 'set', path, value: { polluted: true } }]);
    if (!set.ok) throw new Error(set.error.message);
    expect(set.value.text).toContain('__proto__');
    expect(Object.hasOwn({}, 'polluted') || 'polluted' in {}).toBe(false);
    const removed = format.edit(set.value.text, [{ op: 'remove', path }]);
    expect(removed.ok && removed.value.text.includes('__proto__')).toBe(false);
  }
});

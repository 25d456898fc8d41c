import { verifies } from '@molecule/testkit/verifies';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isMap, sameValue, valueAt } from '../../src/editing/config-value.ts';
import type { DocumentFormat } from '../../src/editing/document-format.ts';
import { jsoncFormat, jsonFormat } from '../../src/editing/json/json-format.ts';
import { EMPTY_LEDGER } from '../../src/editing/ledger.ts';
import { reconcile } from '../../src/editing/reconcile.ts';
import { BOX_POLICY, PERSON_POLICY } from '../../src/editing/reconcile-policy.ts';
import { tomlFormat } from '../../src/editing/toml/toml-format.ts';
import { yamlFormat } from '../../src/editing/yaml/yaml-format.ts';
import { entryArbitrary } from './arbitraries.ts';
import { jsonTextArbitrary } from './json-arbitrary.ts';
import { expectReversible, isFree, reconciled } from './reconcile-cases.ts';
import { tomlTextArbitrary } from './toml-arbitrary.ts';
import { yamlTextArbitrary } from './yaml-arbitrary.ts';

const OURS = { path: ['mcpServers', 'molecule-platform'], value: { command: 'node' } };

test(verifies(['B52', 'T28'], 'a foreign entry that gave way to ours comes back byte for byte'), () => {
  const text =
    '{\n  "mcpServers": {\n    "molecule-platform": {"command": "mine", "headers": {"X": "1"}} // mine\n  }\n}\n';
  const replaced = reconciled(jsoncFormat, text, [OURS]);
  expect(replaced.actions).toEqual([{ path: OURS.path, action: 'replaced' }]);
  expect(replaced.text).toContain('} // mine');
  expect(reconciled(jsoncFormat, replaced.text, [], replaced.ledger).text).toBe(text);
});

test(verifies('B52', 'a foreign entry comes back in meaning even when the file was rewritten meanwhile'), () => {
  const text = '{"mcpServers": {"molecule-platform": {"command": "mine"}, "b": {}}}';
  const replaced = reconciled(jsonFormat, text, [OURS]);
  const rewritten = `${JSON.stringify({ theme: 'x', ...JSON.parse(replaced.text ?? '') }, null, 4)}\n`;
  const undone = reconciled(jsonFormat, rewritten, [], replaced.ledger);
  expect(JSON.parse(undone.text ?? '')).toEqual({ theme: 'x', ...JSON.parse(text) });
});

test(
  verifies(
    'B68',
    "an identical entry that we never wrote is owned in a box and left to its author on a person's machine",
  ),
  () => {
    const text = '{"mcpServers": {"molecule-platform": {"command": "node"}}}';
    const box = reconciled(jsonFormat, text, [OURS]);
    expect(box.actions).toEqual([{ path: OURS.path, action: 'adopted' }]);
    expect(box.text).toBe(text);
    expect(JSON.parse(reconciled(jsonFormat, text, [], box.ledger).text ?? '')).toEqual({ mcpServers: {} });
    const person = reconciled(jsonFormat, text, [OURS], EMPTY_LEDGER, PERSON_POLICY);
    expect(person.actions).toEqual([{ path: OURS.path, action: 'left' }]);
    expect(reconciled(jsonFormat, text, [], person.ledger, PERSON_POLICY).text).toBe(text);
  },
);

test(verifies('B68', 'a comment or a server that the owner put into a container of ours keeps the container'), () => {
  const added = reconciled(jsoncFormat, '{}\n', [OURS]);
  const noted = (added.text ?? '').replace('"mcpServers": {', '"mcpServers": { // my note');
  expect(reconciled(jsoncFormat, noted, [], added.ledger).text).toContain('// my note');
  const served = jsoncFormat.edit(added.text ?? '', [
    { op: 'set', path: ['mcpServers', 'mine'], value: { command: 'm' } },
  ]);
  if (!served.ok) throw new Error(served.error.message);
  const undone = jsoncFormat.parse(reconciled(jsoncFormat, served.value.text, [], added.ledger).text ?? '');
  expect(undone.ok && undone.value).toEqual({ mcpServers: { mine: { command: 'm' } } });
});

test(verifies('B68', 'a file that we created stays when its owner has written into it'), () => {
  const added = reconciled(jsoncFormat, undefined, [OURS]);
  const undone = reconciled(jsoncFormat, `// mine now\n${added.text}`, [], added.ledger);
  expect(undone.text).toContain('// mine now');
});

test(verifies('B52', 'an entry that somebody removed is put back'), () => {
  const added = reconciled(tomlFormat, 'a = 1\n', [{ path: ['mcp_servers', 'm'], value: { command: 'x' } }]);
  const healed = reconciled(
    tomlFormat,
    'a = 1\n',
    [{ path: ['mcp_servers', 'm'], value: { command: 'x' } }],
    added.ledger,
  );
  expect(healed.actions).toEqual([{ path: ['mcp_servers', 'm'], action: 'repaired' }]);
  expect(healed.text).toBe(added.text);
});

test(verifies('B68', 'a ledger that claims an entry which was never written does no harm'), () => {
  const { ledger } = reconciled(yamlFormat, 'a: 1\n', [{ path: ['mcp_servers', 'm'], value: { command: 'x' } }]);
  const lapsed = reconciled(yamlFormat, 'a: 1\n', [], ledger);
  expect(lapsed.actions).toEqual([{ path: ['mcp_servers', 'm'], action: 'lapsed' }]);
  expect(lapsed.text).toBe('a: 1\n');
  expect(lapsed.ledger.entries).toEqual([]);
});

test(
  verifies(
    ['B59', 'T27', 'I3-edit-noop'],
    'a settled file is recognised without being parsed, and any change ends that',
  ),
  () => {
    const text = '{"mcpServers": {"molecule-platform": {"command": "node"}}}';
    const first = reconciled(jsonFormat, text, [OURS]);
    const blind: DocumentFormat = {
      ...jsonFormat,
      parse: () => {
        throw new Error('it was parsed');
      },
    };
    expect(reconciled(blind, text, [OURS], first.ledger).text).toBe(text);
    expect(() => reconciled(blind, `${text} `, [OURS], first.ledger)).toThrow('it was parsed');
    expect(() => reconciled(blind, text, [{ ...OURS, value: {} }], first.ledger)).toThrow('it was parsed');
    expect(() => reconciled(blind, text, [OURS], first.ledger, PERSON_POLICY)).toThrow('it was parsed');
  },
);

test(verifies('B55', 'a wrong type on the way is refused or replaced, by policy'), () => {
  const text = '{"mcpServers": "none", "n": 1.0}';
  const refused = reconcile(jsonFormat, text, [OURS], EMPTY_LEDGER, PERSON_POLICY);
  expect(refused.ok ? '' : refused.error.code).toBe('wrong_type');
  const replaced = reconcile(jsonFormat, text, [OURS], EMPTY_LEDGER, BOX_POLICY);
  if (!replaced.ok) throw new Error(replaced.error.message);
  expect(replaced.value.text).toBe('{"mcpServers": {"molecule-platform": {"command": "node"}}, "n": 1.0}');
  expect(reconciled(jsonFormat, replaced.value.text, [], replaced.value.ledger).text).toBe(text);
});

describe.each([
  ['jsonc', jsoncFormat, jsonTextArbitrary({ comments: true }), '// later\n', 'mcpServers'],
  ['toml', tomlFormat, tomlTextArbitrary, '# later\n', 'mcp_servers'],
  ['yaml', yamlFormat, yamlTextArbitrary, '# later\n', 'mcp_servers'],
] as const)('%s', (_name, format, document, comment, servers) => {
  test(verifies('B68', 'what the owner writes before and behind our entry later on survives its removal'), () => {
    fc.assert(
      fc.property(document, entryArbitrary, entryArbitrary, (text, value, other) => {
        const path = [servers, 'molecule-platform'];
        fc.pre(!text.startsWith('\uFEFF') && isFree(format, text, path));
        const before = format.parse(text);
        const added = reconciled(format, text, [{ path, value }]);
        expect(reconciled(format, comment + added.text, [], added.ledger).text).toBe(comment + text);
        const theirs = format.edit(added.text ?? '', [{ op: 'set', path: [servers, 'theirs'], value: other }]);
        fc.pre(theirs.ok);
        const undone = reconciled(format, theirs.ok ? theirs.value.text : '', [], added.ledger);
        const meaning = format.parse(undone.text ?? '');
        const intended = format.edit(text, [{ op: 'set', path: [servers, 'theirs'], value: other }]);
        expect(before.ok && meaning.ok && intended.ok && sameValue(meaning.value, intended.value.value)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test(verifies('B68', 'single settings beside the servers come and go without a trace'), () => {
    const setting = fc.constantFrom(
      ['security', 'folderTrust', 'enabled'],
      ['trust'],
      ['tools', 'auto'],
      [servers, 'x', 'timeout'],
    );
    const scalar = fc.oneof(fc.boolean(), fc.integer(), fc.string(), fc.constant(['a', 1]));
    fc.assert(
      fc.property(document, setting, scalar, entryArbitrary, (text, path, value, server) => {
        const parsed = format.parse(text);
        const holders = path
          .slice(0, -1)
          .map((_, depth) => valueAt(parsed.ok ? parsed.value : null, path.slice(0, depth + 1)));
        // What an alias repeats cannot be edited in one place only.
        fc.pre(path[1] !== 'x' || !text.includes('*server'));
        fc.pre(holders.every((holder) => holder === undefined || isMap(holder)));
        fc.pre(parsed.ok && valueAt(parsed.value, path) === undefined && isFree(format, text, [servers, 'm']));
        expectReversible(format, text, path, value, 'other');
        const both = reconciled(format, text, [
          { path, value },
          { path: [servers, 'm'], value: server },
        ]);
        expect(reconciled(format, both.text, [], both.ledger).text).toBe(text);
      }),
      { numRuns: 200 },
    );
  });
});

import fc from 'fast-check';
import { keyArbitrary } from './arbitraries.ts';

/** Scalars and collections as they stand behind `key: `; later lines are indented by the given indent. */
const valueText: fc.Arbitrary<(indent: string) => string> = fc.oneof(
  fc
    .constantFrom(
      ' 1',
      ' 1.0',
      ' 0x1F',
      ' yes',
      ' plain words',
      " 'it''s'",
      ' "q\\n"',
      '',
      ' ~',
      ' {}',
      ' []',
      ' {a: 1, "b": [x]}',
      ' { a: 1 }',
      ' !!str 1',
      ' 2020-01-01',
      ' "# no"',
      ' a#b',
    )
    .map((text) => () => text),
  fc.constant((indent: string) => ` |\n${indent}  text\n${indent}  # no comment`),
  fc.constant((indent: string) => ` >-\n${indent}  folded\n\n${indent}  more`),
  fc.constant((indent: string) => `\n${indent}  - a # one\n${indent}  - {b: 1}\n${indent}  -\n${indent}    c: 1`),
  fc.constant((indent: string) => `\n${indent}- a\n${indent}- b`),
  fc.constant((indent: string) => ` [a, # one\n${indent}  b]`),
  fc.constant((indent: string) => `\n${indent}   deep: 1\n${indent}   er:\n${indent}     x: y # z`),
  fc.constant((indent: string) => ` # note\n${indent}  k: v\n${indent}  # inner tail`),
);

interface Pair {
  readonly key: string;
  readonly value: (indent: string) => string;
  readonly above: string;
  readonly behind: string;
}

const pairArbitrary: fc.Arbitrary<Pair> = fc.record({
  key: keyArbitrary,
  value: valueText,
  above: fc.oneof({ weight: 4, arbitrary: fc.constant('') }, fc.constantFrom('# note\n', '\n', '# a: b\n')),
  behind: fc.oneof({ weight: 4, arbitrary: fc.constant('') }, fc.constantFrom(' # c', '   ')),
});

const pairsArbitrary = fc.uniqueArray(pairArbitrary, { maxLength: 3, selector: ({ key }) => key });

const written = (key: string) =>
  /^[A-Za-z_][\w-]*$/.test(key) && !/^(true|null)$/.test(key) ? key : JSON.stringify(key);

function block(pairs: readonly Pair[], indent: string): string {
  return pairs
    .map(({ key, value, above, behind }) => {
      const text = value(indent);
      // A comment can only follow what ends on the line of its key.
      const tail = text.includes('\n') ? '' : behind;
      return `${above.startsWith('#') ? indent : ''}${above}${indent}${written(key)}:${text}${tail}`;
    })
    .join('\n');
}

const serversArbitrary: fc.Arbitrary<string> = fc
  .tuple(pairsArbitrary, fc.constantFrom('  ', '    ', ' '))
  .chain(([pairs, unit]) => {
    const body = block(pairs, unit);
    return fc.constantFrom(
      '',
      'mcp_servers:',
      'mcp_servers: # none yet',
      'mcp_servers: {}',
      'mcp_servers:   {}  # none',
      'mcp_servers: { }',
      'mcp_servers: ~',
      'mcp_servers: {x: {command: a}}',
      'mcp_servers: { x: {command: a}, y: }',
      'mcp_servers: {x: {command: a}, }',
      'mcp_servers: {\n  x: 1, # one\n  y: 2\n  }',
      'mcp_servers:\n  x: &server {command: a}\n  z: *server',
      pairs.length === 0 ? 'mcp_servers:' : `mcp_servers:\n${body}`,
      pairs.length === 0 ? 'mcp_servers:' : `mcp_servers: # ours\n\n${unit}# first\n${body}\n${unit}# tail`,
      '"mcp_servers" :\n  x:\n    command: a\n    args:\n    - b',
    );
  });

/** Any YAML text of one document whose root is a block map or blank. */
export const yamlTextArbitrary: fc.Arbitrary<string> = fc
  .record({
    head: fc.constantFrom('', '', '# head\n', '---\n', '# head\n---\n', '%YAML 1.2\n---\n'),
    before: pairsArbitrary,
    servers: serversArbitrary,
    after: pairsArbitrary,
    end: fc.constantFrom('', '\n', '\n\n', '\n# end', '\n# end\n', '\n...\n'),
    eol: fc.constantFrom('\n', '\r\n'),
    bom: fc.constantFrom('', '\uFEFF'),
  })
  .map(({ head, before, servers, after, end, eol, bom }) => {
    const taken = new Set(before.map(({ key }) => key));
    const rest = after.filter(({ key }) => !taken.has(key) && key !== 'mcp_servers');
    const parts = [
      block(
        before.filter(({ key }) => key !== 'mcp_servers'),
        '',
      ),
      servers,
      block(rest, ''),
    ].filter((part) => part !== '');
    return bom + (head + parts.join('\n') + end).replaceAll('\n', eol);
  });

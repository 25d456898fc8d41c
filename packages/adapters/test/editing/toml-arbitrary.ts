import fc from 'fast-check';
import { keyArbitrary } from './arbitraries.ts';

const valueText = fc.constantFrom(
  '1',
  '1_000',
  '0xFF',
  '1.0',
  '1e3',
  '9007199254740993',
  'true',
  '"x"',
  "'lit'",
  '"""\nmany\n[not.a.header]\n"""',
  "'''\n# no comment\n'''",
  '[1, 2]',
  '[\n  "a", # inside\n  "b",\n]',
  '{}',
  '{ a = 1 }',
  '{a=1,b={c="x"}}',
  '1979-05-27T07:32:00Z',
  '07:32:00',
  '[{ k = 1 }, { k = 2 }]',
);

const commentText = fc.oneof(
  { weight: 4, arbitrary: fc.constant('') },
  fc.constantFrom('# note', '# [commented.header]', '# a = "b"'),
);

const quoted = (key: string) => (/^[A-Za-z0-9_-]+$/.test(key) ? key : JSON.stringify(key));

interface Line {
  readonly key: string;
  readonly value: string;
  readonly comment: string;
  readonly equals: string;
  readonly blank: boolean;
  readonly indent: string;
}

const lineArbitrary: fc.Arbitrary<Line> = fc.record({
  key: keyArbitrary,
  value: valueText,
  comment: commentText,
  equals: fc.constantFrom(' = ', '=', '   =  '),
  blank: fc.boolean(),
  indent: fc.constantFrom('', '', '  ', '\t'),
});

const linesArbitrary = fc.uniqueArray(lineArbitrary, { maxLength: 3, selector: ({ key }) => key });

function linesText(lines: readonly Line[], prefix = ''): string {
  return lines
    .map(
      ({ key, value, comment, equals, blank, indent }) =>
        `${indent}${prefix}${quoted(key)}${equals}${value}${comment && ` ${comment}`}${blank ? '\n' : ''}`,
    )
    .join('\n');
}

/** How `mcp_servers` with one foreign server stands in the file; `root` goes before the first header. */
const serversArbitrary: fc.Arbitrary<{ root: string; body: string }> = fc
  .tuple(linesArbitrary, commentText)
  .chain(([lines, comment]) => {
    const body = linesText(lines);
    const one = lines[0];
    const inline = one && !/\n/.test(one.value) ? `x = { ${quoted(one.key)} = ${one.value} }` : '';
    return fc.constantFrom(
      { root: '', body: '' },
      { root: '', body: `[mcp_servers]\n${comment}` },
      { root: '', body: `[mcp_servers.x] ${comment}\n${body}` },
      { root: '', body: `[mcp_servers.x.env]\n${body}\n\n[mcp_servers.x]\ncommand_ = 1` },
      { root: '', body: `[mcp_servers]\n\n[mcp_servers."x y"]\n${body}\n${comment}` },
      {
        root: '',
        body: `[mcp_servers]\n${linesText(
          lines.map((line) => ({ ...line, comment: '' })),
          'x.',
        )}`,
      },
      { root: linesText(lines, 'mcp_servers.x.'), body: '' },
      { root: `mcp_servers = {${inline && ` ${inline} `}}`, body: '' },
      { root: `mcp_servers={}`, body: '' },
      { root: '', body: `[ mcp_servers . 'x' ]\n${body}` },
    );
  });

/** Any TOML 1.0 text; the names with a trailing underscore are the generator's own, so that no two definitions clash. */
export const tomlTextArbitrary: fc.Arbitrary<string> = fc
  .record({
    head: commentText,
    rootLines: linesArbitrary,
    before: fc.tuple(linesArbitrary, commentText),
    servers: serversArbitrary,
    after: fc.tuple(
      linesArbitrary,
      fc.constantFrom('[after_]', '[[after_]]', '["after_".sub]', '  [after_]  # spaced'),
    ),
    present: fc.tuple(fc.boolean(), fc.boolean()),
    end: fc.constantFrom('', '\n', '\n\n', '\n# last words', '\n# last words\n'),
    eol: fc.constantFrom('\n', '\r\n'),
    bom: fc.constantFrom('', '\uFEFF'),
    gap: fc.constantFrom('\n', '\n\n', '\n\n\n'),
  })
  .map(({ head, rootLines, before, servers, after, present, end, eol, bom, gap }) => {
    const parts = [
      head,
      linesText(rootLines.filter(({ key }) => key !== 'mcp_servers')),
      servers.root,
      present[0] ? `[before_]\n${linesText(before[0])}\n${before[1]}` : '',
      servers.body,
      present[1] ? `${after[1]}\n${linesText(after[0])}` : '',
    ];
    return bom + (parts.filter((part) => part !== '').join(gap) + end).replaceAll('\n', eol);
  });

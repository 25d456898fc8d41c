import fc from 'fast-check';
import { keyArbitrary } from './arbitraries.ts';

/** The text of a JSON document in one layout habit, with `mcpServers` sometimes there. */
export interface JsonTextOptions {
  readonly comments: boolean;
}

const scalarText = fc.constantFrom(
  '1',
  '1.0',
  '1e3',
  '-0.5E-2',
  '12345678901234567890',
  'true',
  'null',
  '"x"',
  '"\\u0041\\n"',
  '"// no comment"',
  '"{}"',
  '""',
);

interface Layout {
  readonly eol: string;
  readonly unit: string;
  readonly multiline: boolean;
  readonly comma: string;
  readonly colon: string;
  readonly trailing: boolean;
}

const layoutArbitrary = (options: JsonTextOptions): fc.Arbitrary<Layout> =>
  fc.record({
    eol: fc.constantFrom('\n', '\r\n'),
    unit: fc.constantFrom('  ', '    ', '\t', ' '),
    multiline: fc.boolean(),
    comma: fc.constantFrom(', ', ','),
    colon: fc.constantFrom(': ', ':', ' : '),
    trailing: options.comments ? fc.boolean() : fc.constant(false),
  });

const noiseArbitrary = (options: JsonTextOptions): fc.Arbitrary<string> =>
  options.comments
    ? fc.oneof({ weight: 4, arbitrary: fc.constant('') }, fc.constantFrom('/* c */', '/* a, b: {} */', '// l', '/**/'))
    : fc.constant('');

/** Any JSON text whose root is an object; line comments only where a line break follows. */
export function jsonTextArbitrary(options: JsonTextOptions): fc.Arbitrary<string> {
  return layoutArbitrary(options).chain((layout) => {
    const pad = fc.constantFrom('', ' ', '  ');
    const value = (depth: number): fc.Arbitrary<(level: number) => string> =>
      depth === 0
        ? scalarText.map((text) => () => text)
        : fc.oneof({ weight: 2, arbitrary: scalarText.map((text) => () => text) }, object(depth - 1), array(depth - 1));
    const array = (depth: number): fc.Arbitrary<(level: number) => string> =>
      fc
        .array(value(depth), { maxLength: 3 })
        .map((items) => (level: number) => `[${items.map((item) => item(level)).join(layout.comma)}]`);
    const property = (depth: number) =>
      fc.tuple(keyArbitrary, value(depth), noiseArbitrary(options), noiseArbitrary(options), pad);
    const object = (depth: number): fc.Arbitrary<(level: number) => string> =>
      fc
        .tuple(
          fc.uniqueArray(property(depth), { maxLength: 4, selector: ([key]) => key }),
          noiseArbitrary(options),
          noiseArbitrary(options),
          fc.boolean(),
        )
        .map(([properties, head, tail, inline]) => (level: number) => {
          const broken = layout.multiline && !(inline && level > 0);
          const indent = layout.unit.repeat(level + 1);
          const inlineNoise = (noise: string) => (noise.startsWith('//') ? '' : noise);
          if (properties.length === 0)
            return broken && tail ? `{${layout.eol}${indent}${tail}${layout.eol}${layout.unit.repeat(level)}}` : '{}';
          const lines = properties.map(([key, child, before, after, spaces], index) => {
            const comma = index < properties.length - 1 || layout.trailing ? ',' : '';
            const body = JSON.stringify(key) + layout.colon + child(level + 1);
            if (!broken) return inlineNoise(before) + body + inlineNoise(after) + comma;
            const above = before ? indent + before + layout.eol : '';
            return `${above}${indent}${body}${comma}${spaces}${after}`;
          });
          if (!broken) return `{${lines.join(layout.comma.slice(1))}}`;
          const first = head ? `${indent}${head}${layout.eol}` : '';
          const lastNoise = tail ? `${layout.eol}${indent}${tail}` : '';
          return `{${layout.eol}${first}${lines.join(layout.eol)}${lastNoise}${layout.eol}${layout.unit.repeat(level)}}`;
        });
    const root = fc
      .tuple(
        object(2),
        fc.option(object(1)),
        fc.constantFrom('mcpServers', 'mcp_servers'),
        fc.constantFrom('', '\n', '\r\n', '\n\n'),
        fc.constantFrom('', '\uFEFF'),
      )
      .map(([base, servers, name, end, bom]) => {
        const text = base(0);
        if (!servers) return bom + text + end;
        const inner = `"${name}"${layout.colon}${servers(1)}`;
        const open = layout.multiline ? layout.eol + layout.unit : '';
        const isEmpty = /^\{\s*\}$/.test(text);
        const rest = isEmpty
          ? layout.multiline
            ? `${layout.eol}}`
            : '}'
          : `,${layout.multiline ? '' : layout.comma.slice(1)}${text.slice(1)}`;
        return `${bom}{${open}${inner}${rest}${end}`;
      });
    return root;
  });
}

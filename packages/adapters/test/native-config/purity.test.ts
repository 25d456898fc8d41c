import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import { nativeRuntimes } from '../../src/home/index.ts';
import { adapterFor, boxLayout, knownRuntimes, type RenderInput } from '../../src/index.ts';
import { server } from '../conformance/rendering-cases.ts';

const SOURCE = join(import.meta.dirname, '..', '..', 'src');
/** Computation only: no file, clock, network, process or chance. */
const PURE_MODULES = ['node:path', 'node:crypto'];

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) frozen(inner);
    Object.freeze(value);
  }
  return value;
}

test.each(knownRuntimes())(
  verifies('I3-pure', '%s: equal input gives equal output, and none of it is changed'),
  (runtime) => {
    const adapter = adapterFor(runtime);
    const layout = boxLayout('/box');
    const input = (text: string | null, ledger: RenderInput['ledger']): RenderInput =>
      frozen({
        layout: { ...layout },
        files: adapter.nativeFiles(layout).map(({ id, path }) => ({ id, path, text: id === 'servers' ? text : null })),
        servers: [server('x', { type: 'stdio', command: 'node', args: ['${A}'], env: { B: '${secret:B}' } })],
        identity: 'You are X.',
        skills: [{ name: 's', path: '/cache/s' }],
        ledger,
      });
    const first = adapter.render(input(null, null));
    expect(adapter.render(input(null, null))).toEqual(first);
    const text = first.writes.find(({ id }) => id === 'servers')?.text ?? null;
    const later = adapter.render(input(text, structuredClone(first.ledger)));
    expect(adapter.render(input(text, structuredClone(first.ledger)))).toEqual(later);
  },
);

test(
  verifies('I3-pure', 'no module that rendering is made of can reach a file, a clock, a network or a process'),
  () => {
    const entries = [
      'native-config/render-native.ts',
      'native-config/read-native.ts',
      ...nativeRuntimes().map((runtime) => `${runtime}/native.ts`),
    ];
    const seen = reachableFrom(entries.map((entry) => join(SOURCE, entry)));
    expect(seen.files.size).toBeGreaterThan(30);
    expect([...seen.builtins].filter((name) => !PURE_MODULES.includes(name))).toEqual([]);
    const impure = [...seen.files].filter((file) =>
      /\b(?:Date\.now|new Date\(\)|Math\.random|performance\.now|process\.(?:env|cwd)|randomUUID|fetch\()/.test(
        readFileSync(file, 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, ''),
      ),
    );
    expect(impure).toEqual([]);
  },
);

/** The modules of ours that these import, directly or not, and the built-in ones. */
function reachableFrom(entries: readonly string[]): { files: Set<string>; builtins: Set<string> } {
  const files = new Set<string>();
  const builtins = new Set<string>();
  const waiting = [...entries];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (files.has(file)) continue;
    if (!existsSync(file)) throw new Error(`${file} is imported and not there`);
    files.add(file);
    for (const [, isType, name = ''] of readFileSync(file, 'utf8').matchAll(
      /^(?:import|export) (type )?[^;]*? from '([^']+)';/gm,
    )) {
      if (isType !== undefined) continue;
      if (name.startsWith('.')) waiting.push(join(dirname(file), name));
      else if (name.startsWith('node:')) builtins.add(name);
    }
  }
  return { files, builtins };
}

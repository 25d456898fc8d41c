import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { verifies } from '@molecule/testkit/verifies';
import { afterEach, describe, expect, test } from 'vitest';
import { REPOSITORY } from '../../tools/gates/tracked-files.ts';

const TIMEOUT_MS = 180_000;
const bin = (name: string): string => join(REPOSITORY, 'node_modules', '.bin', name);

interface Tool {
  readonly name: string;
  readonly argv: readonly string[];
  readonly config: readonly string[];
  readonly planted: Readonly<Record<string, string>>;
  /** What the refusal has to mention beside the file. */
  readonly names?: readonly string[];
}

/** Each tool as the repository runs it. `planted` is the smallest thing it must refuse, `config` what it is refused by. */
const TOOLS: readonly Tool[] = [
  {
    name: 'biome format',
    argv: ['biome', 'format'],
    config: ['biome.json'],
    planted: { 'a.ts': 'export  const a = "b"' },
  },
  {
    name: 'biome lint',
    argv: ['biome', 'lint', '--error-on-warnings'],
    config: ['biome.json'],
    planted: { 'a.ts': 'export const a = (b: any): unknown => b!.c;\n' },
    names: ['noExplicitAny', 'noNonNullAssertion'],
  },
  {
    name: 'biome imports',
    argv: ['biome', 'check', '--linter-enabled=false', '--formatter-enabled=false'],
    config: ['biome.json'],
    planted: { 'a.ts': "import { b } from 'b';\nimport { a } from 'a';\n\nexport const c = [a, b];\n" },
  },
  {
    name: 'oxlint',
    argv: ['oxlint', '--type-aware'],
    config: ['.oxlintrc.json'],
    planted: {
      'tsconfig.json':
        '{"compilerOptions":{"module":"nodenext","target":"es2023","strict":true,"types":[]},"include":["*.ts"]}',
      'a.ts': 'export async function a(): Promise<void> {}\nexport function b(): void {\n  a();\n}\n',
    },
  },
  {
    name: 'knip',
    argv: ['knip', '--no-progress', '--no-config-hints'],
    config: [],
    planted: {
      'package.json': '{"name":"planted","main":"./index.ts"}',
      'index.ts': "import { a } from './a.ts';\nexport const c = a;\n",
      'a.ts': 'export const a = 1;\nexport const unused = 2;\n',
    },
  },
  {
    name: 'tsc',
    argv: ['tsc', '-p', 'tsconfig.test.json'],
    config: ['tsconfig.base.json', 'tsconfig.test.json'],
    planted: { 'tests/a.ts': "export const a: number = 'b';\n" },
  },
];

function run(argv: readonly string[], cwd: string): { status: number | null; output: string } {
  const [name = '', ...args] = argv;
  const done = spawnSync(process.execPath, [bin(name), ...args], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  });
  return { status: done.status, output: done.stdout + done.stderr };
}

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A folder with the repository's own configuration of the tool and the given files. */
function plant(config: readonly string[], files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'molecule-gate-'));
  folders.push(folder);
  for (const name of config) symlinkSync(join(REPOSITORY, name), join(folder, name));
  symlinkSync(join(REPOSITORY, 'node_modules'), join(folder, 'node_modules'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  spawnSync('git', ['init', '-q'], { cwd: folder });
  return folder;
}

describe.each(TOOLS)('$name', ({ argv, config, planted, names = [] }) => {
  test('fails on a planted fault', { timeout: TIMEOUT_MS }, () => {
    const { status, output } = run(argv, plant(config, planted));
    expect(status).not.toBe(0);
    for (const mentioned of ['a.ts', ...names]) expect(output).toContain(mentioned);
  });

  test(verifies('I2-gate-format', 'has nothing to say about the repository'), { timeout: TIMEOUT_MS }, () => {
    expect(existsSync(bin(argv[0] ?? ''))).toBe(true);
    const { status, output } = run(argv, REPOSITORY);
    expect(status === 0 ? '' : output.slice(0, 8000)).toBe('');
  });
});

test(verifies('I2-gate-format', 'the canvas has no type error'), { timeout: TIMEOUT_MS }, () => {
  // The bundler erases types without looking at them.
  for (const config of ['packages/canvas/tsconfig.json', 'tsconfig.browser-test.json']) {
    const { status, output } = run(['tsc', '-p', config, '--noEmit'], REPOSITORY);
    expect(status === 0 ? '' : output.slice(0, 8000)).toBe('');
  }
});

test(verifies('I2-gate-format', 'the whole tree builds'), { timeout: TIMEOUT_MS }, () => {
  const { status, output } = run(['tsc', '-b', 'tsconfig.json'], REPOSITORY);
  expect(status === 0 ? '' : output.slice(0, 8000)).toBe('');
});

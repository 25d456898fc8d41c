import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { verifies } from '@molecule/testkit/verifies';
import { expect, onTestFinished, test } from 'vitest';
import { REPOSITORY } from '../../tools/gates/tracked-files.ts';

const TIMEOUT_MS = 180_000;

/** A lockfile whose packages lie in the checkout itself, so that the real `npm ci` needs no registry. */
function lockfile(name: string, packages: readonly string[], folder: string): string {
  const entries = packages.flatMap((each) => [
    [`node_modules/${each}`, { resolved: `${folder}/${each}`, link: true }],
    [`${folder}/${each}`, { version: '1.0.0' }],
  ]);
  const root = { name, dependencies: Object.fromEntries(packages.map((each) => [each, `file:${folder}/${each}`])) };
  return JSON.stringify({
    name,
    lockfileVersion: 3,
    requires: true,
    packages: { '': root, ...Object.fromEntries(entries) },
  });
}

/** A checkout as a clone leaves it, in miniature: the real tools and the real npm, and packages that lead to this repository's compiler and test runner. */
function freshCheckout(): string {
  const root = mkdtempSync(join(tmpdir(), 'molecule-fresh-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const real = (path: string): string => JSON.stringify(join(REPOSITORY, 'node_modules', path));
  cpSync(join(REPOSITORY, 'tools'), join(root, 'tools'), { recursive: true });
  put('package-lock.json', lockfile('fresh', ['typescript', 'vitest'], 'vendor'));
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dependencies?: object }>;
  };
  const { scripts } = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8')) as { scripts: object };
  put(
    'package.json',
    JSON.stringify({ name: 'fresh', type: 'module', scripts, dependencies: packages['']?.dependencies }),
  );
  for (const name of ['typescript', 'vitest'])
    put(`vendor/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', type: 'module' }));
  put('vendor/typescript/bin/tsc', `import(${real('typescript/bin/tsc')});\n`);
  put('vendor/vitest/vitest.mjs', `import ${real('vitest/vitest.mjs')};\n`);
  put('tests/runtimes/package.json', '{"name":"runtimes","dependencies":{"some-cli":"file:cli/some-cli"}}');
  put('tests/runtimes/package-lock.json', lockfile('runtimes', ['some-cli'], 'cli'));
  put('tests/runtimes/cli/some-cli/package.json', '{"name":"some-cli","version":"1.0.0"}');
  put(
    'tsconfig.json',
    '{"compilerOptions":{"module":"nodenext","composite":true,"types":[],"rootDir":"src","outDir":"dist"},"include":["src"]}',
  );
  put('src/main.ts', 'export const one: number = 1;\n');
  const reporter = JSON.stringify(join(REPOSITORY, 'tools/closing-line-reporter.ts'));
  put(
    'vitest.config.ts',
    `import { ClosingLineReporter } from ${reporter};\nexport default { test: { globals: true, include: ['test/*.test.ts'], reporters: ['default', new ClosingLineReporter()] } };\n`,
  );
  put('test/a.test.ts', "test('built', async () => expect((await import('../dist/main.js')).one).toBe(1));\n");
  return root;
}

function npmTest(root: string): { readonly status: number | null; readonly lines: string[]; readonly all: string } {
  const { status, stdout, stderr } = spawnSync('npm', ['test'], {
    cwd: root,
    encoding: 'utf8',
    env: {
      PATH: process.env.PATH,
      HOME: root,
      npm_config_cache: join(root, 'npm-cache'),
      npm_config_update_notifier: 'false',
    },
  });
  return { status, lines: stdout.trimEnd().split('\n'), all: stdout + stderr };
}

test(verifies(
  'I2-gate-self',
  'npm test on a checkout without anything installs, builds, sets up the agent CLIs and runs the suite',
), { timeout: TIMEOUT_MS }, () => {
  const root = freshCheckout();
  const first = npmTest(root);
  expect(first.all).toContain('dependencies');
  expect(first.all).toContain('agent CLIs');
  expect(first.lines.at(-1), first.all).toBe('1 passed, 0 failed');
  expect(first.status).toBe(0);
  for (const made of ['node_modules/vitest', 'dist/main.js', 'tests/runtimes/node_modules/some-cli', '.tools/launch'])
    expect(existsSync(join(root, made)), made).toBe(true);

  // What is there is not done again; what broke is said by the exit code and by the closing line.
  const installed = statSync(join(root, '.tools/installed.json')).mtimeMs;
  writeFileSync(join(root, 'test/b.test.ts'), "test('fails', () => expect(1).toBe(2));\n");
  const second = npmTest(root);
  expect(second.lines.at(-1), second.all).toBe('1 passed, 1 failed');
  expect(second.status).not.toBe(0);
  expect(second.all).not.toContain('dependencies (');
  expect(statSync(join(root, '.tools/installed.json')).mtimeMs).toBe(installed);
});

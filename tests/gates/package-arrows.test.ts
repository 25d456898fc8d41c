import { verifies } from '@molecule/testkit/verifies';
import { describe, expect, test } from 'vitest';
import { ARROWS, checkArrows, type PackageManifest, type PackageSources } from '../../tools/gates/package-arrows.ts';
import { readPackages } from '../../tools/gates/read-packages.ts';

/** A check that sees fewer modules than this has lost its way to the sources, not found a clean house. */
const FEWEST_MODULES = 300;

function pack(sources: Record<string, string>, manifest: PackageManifest = {}): PackageSources {
  return { manifest, sources: new Map(Object.entries(sources)) };
}

function violations(packages: Record<string, PackageSources>): readonly string[] {
  return checkArrows(new Map(Object.entries(packages))).violations;
}

const depends = (...names: string[]): PackageManifest => ({
  dependencies: Object.fromEntries(names.map((name) => [name, '0.1.0'])),
});

describe('the check', () => {
  test('refuses an import against the arrows, also when only a type or dynamic', () => {
    for (const source of [
      "import { a } from '@molecule/store';",
      "import type { A } from '@molecule/store';",
      "export { a } from '@molecule/store';",
      "const a = await import('@molecule/store');",
    ]) {
      expect(violations({ domain: pack({ 'src/index.ts': source }) })).toEqual([
        'packages/domain/src/index.ts: domain may not import store',
      ]);
    }
  });

  test('refuses the supervisor and the control plane each other, in code and in package.json', () => {
    const found = violations({
      supervisor: pack({ 'src/a.ts': "import '@molecule/control-plane';" }, depends('@molecule/control-plane')),
      'control-plane': pack({ 'src/a.ts': "import '@molecule/supervisor';" }, depends('@molecule/supervisor')),
    });
    expect(found).toHaveLength(4);
  });

  test('refuses an undeclared package, a deep import, an escape, the test kit, and a bare builtin', () => {
    const domain = pack({}, { ...depends('@molecule/contracts'), exports: { '.': './src/index.ts' } });
    const store = pack(
      {
        'src/undeclared.ts': "import 'pg'; import '@molecule/contracts';",
        'src/deep.ts': "import '@molecule/domain/src/kind.ts';",
        'src/escape.ts': "import '../../domain/src/kind.ts';",
        'src/kit.ts': "import '@molecule/testkit';",
        'src/builtin.ts': "import 'fs';",
      },
      depends('@molecule/domain'),
    );
    expect(violations({ domain, store })).toEqual([
      'packages/store/src/undeclared.ts: pg is not in its package.json',
      'packages/store/src/undeclared.ts: @molecule/contracts is not in its package.json',
      'packages/store/src/deep.ts: @molecule/domain/src/kind.ts reaches into domain past what it exports',
      "packages/store/src/escape.ts: ../../domain/src/kind.ts leaves the package's src",
      'packages/store/src/kit.ts: testkit is for tests',
      'packages/store/src/builtin.ts: write node:fs',
    ]);
  });

  test('refuses a package that the table does not know', () => {
    expect(violations({ extras: pack({ 'src/index.ts': 'export {};' }) })).toHaveLength(1);
  });

  test('finds a cycle once, and tolerates one of types alone', () => {
    const a = "import { b } from './b.ts'; export const a = 1;";
    const b = "import { c } from './c.ts'; export const b = 1;";
    const back = (form: string): string => `import ${form} from './a.ts'; export const c = 1;`;
    const cyclic = { 'src/a.ts': a, 'src/b.ts': b, 'src/c.ts': back('{ a }') };
    expect(violations({ domain: pack(cyclic) })).toEqual([
      'packages/domain: import cycle src/a.ts → src/b.ts → src/c.ts → src/a.ts',
    ]);
    expect(violations({ domain: pack({ ...cyclic, 'src/c.ts': back('type { A }') }) })).toEqual([]);
  });
});

describe('the repository', () => {
  const packages = readPackages();

  test(verifies('I2-gate-arrows', 'keeps to the arrows'), () => {
    const report = checkArrows(packages);
    expect(report.violations).toEqual([]);
    expect(report.modules).toBeGreaterThan(FEWEST_MODULES);
  });

  test('has every package of the table', () => {
    expect([...packages.keys()].sort()).toEqual(Object.keys(ARROWS).sort());
  });
});

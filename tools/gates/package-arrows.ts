import { builtinModules } from 'node:module';
import { posix } from 'node:path';
import { importsOf, type ModuleImport } from './module-imports.ts';

/**
 * Which package of ours may import which. contracts ← domain ← store, plugins, adapters, models ← management-mcp, backends ←
 * supervisor, control-plane ← cli. The supervisor runs in a box and has no database, so it never reaches the store; it and the
 * control plane share contracts and domain, never each other's code. A new arrow is a decision: it is made here, in review.
 */
export const ARROWS: Readonly<Record<string, readonly string[]>> = {
  contracts: [],
  // What the operating system says about a process, for whoever starts or waits for one.
  processes: [],
  domain: ['contracts'],
  store: ['contracts', 'domain', 'processes'],
  models: ['contracts', 'domain'],
  plugins: ['contracts', 'domain'],
  // Only its folder for our own agent reaches agent, which is a CLI like the others, found by its package.
  adapters: ['contracts', 'domain', 'agent', 'processes'],
  agent: ['contracts'],
  'management-mcp': ['contracts', 'domain'],
  backends: ['contracts', 'domain', 'processes'],
  supervisor: ['contracts', 'domain', 'adapters', 'backends', 'plugins', 'processes'],
  'control-plane': ['contracts', 'domain', 'store', 'models', 'plugins', 'management-mcp'],
  cli: [
    'contracts',
    'domain',
    'store',
    'control-plane',
    'supervisor',
    'adapters',
    'plugins',
    'backends',
    'management-mcp',
  ],
  // Runs in the browser and speaks to the server over HTTP alone.
  canvas: ['contracts'],
  // Imported by tests only, so it may look at everything below the processes.
  testkit: ['contracts', 'domain', 'processes', 'store', 'models', 'plugins', 'adapters', 'backends', 'management-mcp'],
};

const SCOPE = '@molecule/';

/** The part of a package.json this check reads. */
export interface PackageManifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, unknown>>;
}

/** One package: its manifest and its sources, keyed by path relative to the package folder (`src/index.ts`). */
export interface PackageSources {
  readonly manifest: PackageManifest;
  readonly sources: ReadonlyMap<string, string>;
}

/** What the check saw; `modules` lets a caller notice a check that silently looked at nothing. */
export interface ArrowReport {
  readonly modules: number;
  readonly violations: readonly string[];
}

function packageNameOf(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

function declaredBy(manifest: PackageManifest): string[] {
  const { dependencies, optionalDependencies, peerDependencies } = manifest;
  return Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies });
}

function checkManifest(name: string, manifest: PackageManifest): string[] {
  const allowed = ARROWS[name];
  if (allowed === undefined) return [`packages/${name}: not in the arrow table of tools/gates/package-arrows.ts`];
  return declaredBy(manifest)
    .filter((dependency) => dependency.startsWith(SCOPE) && !allowed.includes(dependency.slice(SCOPE.length)))
    .map((dependency) => `packages/${name}/package.json: declares ${dependency}, which is against the arrows`);
}

function checkImport(
  name: string,
  path: string,
  specifier: string,
  packages: ReadonlyMap<string, PackageSources>,
): string | undefined {
  const at = `packages/${name}/${path}`;
  if (specifier.startsWith('.')) {
    const target = posix.join(posix.dirname(path), specifier);
    return target.startsWith('src/') ? undefined : `${at}: ${specifier} leaves the package's src`;
  }
  if (specifier.startsWith('node:')) return undefined;
  if (builtinModules.includes(specifier)) return `${at}: write node:${specifier}`;
  const dependency = packageNameOf(specifier);
  const manifest = packages.get(name)?.manifest ?? {};
  if (!dependency.startsWith(SCOPE)) {
    // The test kit runs inside the test runner, which the root provides.
    const provided = name === 'testkit' && dependency === 'vitest';
    return provided || declaredBy(manifest).includes(dependency)
      ? undefined
      : `${at}: ${dependency} is not in its package.json`;
  }
  const target = dependency.slice(SCOPE.length);
  if (target === 'testkit') return `${at}: testkit is for tests`;
  if (!(ARROWS[name] ?? []).includes(target)) return `${at}: ${name} may not import ${target}`;
  if (!declaredBy(manifest).includes(dependency)) return `${at}: ${dependency} is not in its package.json`;
  const subpath = `.${specifier.slice(dependency.length)}`;
  if (subpath !== '.' && packages.get(target)?.manifest.exports?.[subpath] === undefined) {
    return `${at}: ${specifier} reaches into ${target} past what it exports`;
  }
  return undefined;
}

/** Modules of one package that import each other in a circle, each circle once, as `a.ts → b.ts → a.ts`. */
function findCycles(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const cycles = new Map<string, string>();
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) {
      const circle = trail.slice(start);
      cycles.set([...circle].sort().join(), [...circle, path].join(' → '));
      return;
    }
    if (done.has(path)) return;
    for (const next of graph.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
  return [...cycles.values()];
}

/** Checks packages (by folder name) against the arrow table, their manifests, their public entrances, and for cycles within. */
export function checkArrows(packages: ReadonlyMap<string, PackageSources>): ArrowReport {
  const violations: string[] = [];
  let modules = 0;
  for (const [name, { manifest, sources }] of packages) {
    violations.push(...checkManifest(name, manifest));
    const graph = new Map<string, string[]>();
    for (const [path, source] of sources) {
      modules += 1;
      const imports: ModuleImport[] = importsOf(path, source);
      const found = imports.map(({ specifier }) => checkImport(name, path, specifier, packages));
      violations.push(...found.filter((violation) => violation !== undefined));
      const local = imports.filter(({ specifier, typeOnly }) => specifier.startsWith('.') && !typeOnly);
      graph.set(
        path,
        local.map(({ specifier }) => posix.join(posix.dirname(path), specifier)),
      );
    }
    violations.push(...findCycles(graph).map((cycle) => `packages/${name}: import cycle ${cycle}`));
  }
  return { modules, violations: [...new Set(violations)] };
}

// Which optional packages a lockfile fails to mention.
//
// npm writes a lockfile from what the registry could serve at that moment. A mirror without, say, the Windows builds of a tool
// leaves them out, and `npm ci` then refuses the lockfile on every machine ("Missing: ... from lock file").

const SYSTEMS = [
  'android',
  'darwin',
  'linux',
  'win32',
  'freebsd',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'aix',
  'cygwin',
];
const PROCESSORS = [
  'x64',
  'arm64',
  'arm',
  'ia32',
  'ppc64',
  'ppc64le',
  'riscv64',
  's390x',
  'loong64',
  'mips64el',
  'wasm32',
];
const ALIASES = { windows: 'win32', macos: 'darwin', armv7: 'arm' };
const EXACT_VERSION = /^\d+\.\d+\.\d+/;
const C_LIBRARIES = { gnu: 'glibc', gnueabihf: 'glibc', glibc: 'glibc', musl: 'musl', musleabihf: 'musl' };

/**
 * Platform fields read off a per-platform package's name, such as `@x/cli-linux-arm64-musl`.
 * @param {string} name
 * @returns {{os?: string[], cpu?: string[], libc?: string[]}}
 */
export function platformOf(name) {
  const words = name.split(/[/\-_.]/).map((word) => ALIASES[word] ?? word);
  const os = words.filter((word) => SYSTEMS.includes(word)).slice(-1);
  const cpu = words.filter((word) => PROCESSORS.includes(word)).slice(-1);
  const libc = words.flatMap((word) => C_LIBRARIES[word] ?? []).slice(-1);
  return {
    ...(os.length > 0 && { os }),
    ...(cpu.length > 0 && { cpu }),
    ...(libc.length > 0 && os[0] === 'linux' && { libc }),
  };
}

/**
 * What Node would find for `name` from the package at `path`, among the lockfile's entries.
 * @param {Record<string, {version?: string}>} packages
 * @param {string} path
 * @param {string} name
 */
function resolve(packages, path, name) {
  for (let at = path; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/')))) {
    const found = packages[at === '' ? `node_modules/${name}` : `${at}/node_modules/${name}`];
    if (found !== undefined || at === '') return found;
  }
}

/**
 * The entries to add: `npm ci` accepts them without an integrity and skips them on machines they are not for.
 * @param {{packages: Record<string, any>}} lock a parsed package-lock.json (version 3)
 * @returns {{path: string, entry: object}[]}
 */
export function missingOptional(lock) {
  const packages = { ...lock.packages };
  const additions = [];
  for (const [path, parent] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
      const found = resolve(packages, path, name);
      // Per-platform packages are asked for by exact version; a neighbour's other version does not serve.
      if (found !== undefined && (found.version === version || !EXACT_VERSION.test(version))) continue;
      const dev = parent.dev === true && { dev: true };
      const place = found === undefined ? `node_modules/${name}` : `${path}/node_modules/${name}`;
      packages[place] = { version, ...dev, optional: true, ...platformOf(name) };
      additions.push({ path: place, entry: packages[place] });
    }
  }
  return additions;
}

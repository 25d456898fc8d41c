// `node bench/canvas-size.mjs`: scripts that a browser loads, gzip, KiB: the shell (all that the page needs before it shows anything) and each route beyond it.
// Styles and fonts are listed apart.
// Exits 1 over budget. Needs `npm run build -w packages/canvas`.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const DIST = fileURLToPath(new URL('../packages/canvas/dist', import.meta.url));
const SHELL_LIMIT_KB = 140;
const ROUTE_LIMIT_KB = 100;
/** Pieces that are loaded by a view or an act, by the name of their file. */
const ROUTES = [
  'org-page',
  'org-map',
  'markdown',
  'workspace-page',
  'readiness-tab',
  'timeline-tab',
  'plugins-tab',
  'tasks-tab',
  'model-tab',
  'files-tab',
  'terminal-tab',
  'settings-tab',
  'activity-page',
  'settings-page',
  'command-palette',
  'create-workspace',
  'help-sheet',
];

const assets = readdirSync(join(DIST, 'assets')).filter((name) => !/\.(br|gz)$/.test(name));
const sizes = new Map(
  assets.map((name) => [name, gzipSync(readFileSync(join(DIST, 'assets', name)), { level: 9 }).length]),
);
const kb = (bytes) => Math.round(bytes / 102.4) / 10;

/** A script with everything that it imports at once, and the styles that come with it. */
function closure(name, into = new Set()) {
  if (into.has(name)) return into;
  into.add(name);
  if (!name.endsWith('.js')) return into;
  const text = readFileSync(join(DIST, 'assets', name), 'utf8');
  for (const [, other] of text.matchAll(/(?:from|import)\s*["']\.\/([\w.-]+\.js)["']/g)) closure(other, into);
  return into;
}
const total = (names, kind = '.js') =>
  [...names].reduce((sum, name) => sum + (name.endsWith(kind) ? (sizes.get(name) ?? 0) : 0), 0);

const page = readFileSync(join(DIST, 'index.html'), 'utf8');
const shell = new Set();
for (const [, name] of page.matchAll(/(?:src|href)="\/assets\/([\w.-]+)"/g)) closure(name, shell);
const result = {
  shellKb: kb(total(shell)),
  stylesKb: kb(total(assets, '.css')),
  fontsKb: kb(total(assets, '.woff2')),
  routesKb: {},
  over: [],
};
if (result.shellKb > SHELL_LIMIT_KB) result.over.push('shell');
for (const route of ROUTES) {
  const own = assets.filter((name) => name.startsWith(`${route}-`));
  const names = new Set([...own.flatMap((name) => [...closure(name)])].filter((name) => !shell.has(name)));
  result.routesKb[route] = kb(total(names));
  if (own.length === 0 || result.routesKb[route] > ROUTE_LIMIT_KB) result.over.push(route);
}
process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
process.exitCode = result.over.length === 0 ? 0 : 1;

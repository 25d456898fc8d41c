// `node tools/complete-lockfile.mjs [FOLDER]`, after an `npm i` against a registry that lacks some platforms' packages.
// Adds the optional packages that npm left out of FOLDER's package-lock.json, so that `npm ci` works everywhere.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './bootstrap/checkout.mjs';
import { missingOptional } from './lockfile/missing.mjs';

const file = join(ROOT, process.argv[2] ?? '', 'package-lock.json');
const lock = JSON.parse(readFileSync(file, 'utf8'));
const additions = missingOptional(lock);
for (const { path, entry } of additions) {
  if (!/^[0-9]+\.[0-9]+\.[0-9]+/.test(entry.version))
    throw new Error(`${path}: ${entry.version} is a range; add it by hand`);
  lock.packages[path] = entry;
}
const [self, ...rest] = Object.entries(lock.packages);
lock.packages = Object.fromEntries([self, ...rest.sort(([a], [b]) => a.localeCompare(b, 'en'))]);
if (additions.length > 0) writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
process.stdout.write(`${additions.length} optional packages added to ${file}\n`);

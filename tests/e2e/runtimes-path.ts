import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { INSTALLATION_ROOT } from '@molecule/testkit/installation';

const BIN = join(INSTALLATION_ROOT, 'tests', 'runtimes', 'node_modules', '.bin');

/** A search path on which the real agent CLIs are found, which `npm test` installs. */
export function pathWithRuntimes(): string {
  if (!existsSync(join(BIN, 'claude')))
    throw new Error(`${BIN} is empty: npm ci in tests/runtimes fills it, npm test does so by itself`);
  return `${BIN}:${process.env['PATH'] ?? ''}`;
}

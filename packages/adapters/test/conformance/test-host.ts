import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { UNPACKED_VARIABLE } from './unpacked-once.ts';

/**
 * Environment of a box host, for one test file. Its home is an empty folder of the file's own: some CLIs write into it when they are
 * only asked for their version.
 */
export function testHost(more: Readonly<Record<string, string>> = {}): Readonly<Record<string, string | undefined>> {
  const home = mkdtempSync(join(tmpdir(), 'molecule-host-'));
  afterAll(() => rmSync(home, { recursive: true, force: true, maxRetries: 5 }));
  return { PATH: process.env['PATH'], HOME: home, [UNPACKED_VARIABLE]: join(home, 'unpacked'), ...more };
}

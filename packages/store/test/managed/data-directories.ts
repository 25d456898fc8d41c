import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

const made: string[] = [];
// Registered when a test file imports this, so it runs after the file's own hooks.
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});

/** A new temporary folder, removed when the file's tests are over. Others can pass through it, as through an ordinary data folder. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'molecule-store-'));
  chmodSync(folder, 0o755);
  made.push(folder);
  return folder;
}

export const silentLog = { info: () => {}, warn: () => {} };

/** Waits until the condition holds; fails after the limit. */
export async function eventually(condition: () => boolean | Promise<boolean>, limitMs = 60_000): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error('The condition did not come true in time.');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

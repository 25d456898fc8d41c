import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { BoxLayout } from '@molecule/adapters';

/** Makes the folders of a box, open to their owner alone, also where they were there before. */
export function makeBoxFolders({ root, home, work, run }: BoxLayout): void {
  for (const folder of [root, home, work, run, join(home, '.tmp')]) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    chmodSync(folder, 0o700);
  }
}

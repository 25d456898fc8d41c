import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isAbsolute, join, normalize } from 'node:path';
import type { BoxLayout } from '@molecule/adapters';
import type { DesiredState } from '@molecule/contracts';
import { readBoxFile, writeBoxFile } from '../files/box-file.ts';
import { replaceFile } from '../files/durable-file.ts';
import { rootsOf } from './native-files.ts';

export interface AssetReport {
  readonly written: readonly string[];
  /** Changed in the box since they were delivered: the agent's or the person's work, and left alone. */
  readonly kept: readonly string[];
  /** Paths that would lead out of the work folder. */
  readonly refused: readonly string[];
}

/**
 * Puts the plain files of the template into the work folder. A file that was changed there since its last delivery stays as it is. After writing, each file
 * is read back, so that "delivered" means what the agent will read (I2).
 * @throws Error of the system where a file cannot be written, or does not read back as it was written.
 */
export function deliverAssets(assets: DesiredState['assets'], layout: BoxLayout): AssetReport {
  const roots = rootsOf(layout);
  const delivered = readDelivered(layout);
  const next: Record<string, string> = {};
  const report = { written: [] as string[], kept: [] as string[], refused: [] as string[] };
  for (const { path, text } of assets) {
    const plain = normalize(path);
    if (isAbsolute(plain) || plain === '.' || plain.split('/').includes('..')) {
      report.refused.push(path);
      continue;
    }
    const place = join(layout.work, plain);
    const now = readBoxFile(place, roots).text;
    next[plain] = digest(text);
    if (now === text) continue;
    if (now !== null && digest(now) !== delivered[plain]) {
      report.kept.push(plain);
      continue;
    }
    writeBoxFile(place, text, roots);
    if (readBoxFile(place, roots).text !== text)
      throw new Error(`the file ${plain} does not read back as it was written`);
    report.written.push(plain);
  }
  if (JSON.stringify(next) !== JSON.stringify(delivered)) replaceFile(deliveredPath(layout), JSON.stringify(next));
  return report;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function deliveredPath(layout: BoxLayout): string {
  return join(layout.run, 'assets.json');
}

function readDelivered(layout: BoxLayout): Record<string, string> {
  try {
    // Written above and by nobody else.
    return JSON.parse(readFileSync(deliveredPath(layout), 'utf8')) as Record<string, string>;
  } catch {
    return {};
  }
}

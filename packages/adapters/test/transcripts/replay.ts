import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TurnEvent } from '@molecule/contracts';
import type { TurnReader } from '../../src/turn-process/turn-dialect.ts';

/** Feeds a recorded transcript to readers, a new one at each message that was written, and gives the events turn by turn. */
export function replay(name: string, readerFor: (written: string) => TurnReader | null): TurnEvent[][] {
  const turns: TurnEvent[][] = [];
  let reader: TurnReader | null = null;
  for (const line of readFileSync(join(import.meta.dirname, `${name}.jsonl`), 'utf8')
    .trim()
    .split('\n')) {
    const written: unknown = JSON.parse(line).written;
    if (typeof written === 'string') {
      const next = readerFor(written);
      if (next === null) continue;
      reader = next;
      turns.push([]);
    } else turns.at(-1)?.push(...(reader?.read(line) ?? []));
  }
  return turns;
}

// Run as a real process: a program that knows no lock and rewrites the whole file in place, as agent CLIs do. argv: file, count.
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

const [file = '', count = '1'] = process.argv.slice(2);
for (let round = 0; round < Number(count); round += 1) {
  const value: Record<string, unknown> = JSON.parse(readFileSync(file, 'utf8') || '{}');
  writeFileSync(file, `${JSON.stringify({ ...value, [`foreign-${round}`]: round }, null, 2)}\n`);
  await pause(3);
}

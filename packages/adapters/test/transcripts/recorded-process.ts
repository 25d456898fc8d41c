import { readFileSync } from 'node:fs';
import type { BoxProcess } from '../../src/index.ts';

const ID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/**
 * Plays the programs of one recorded session: says the recorded lines, and waits wherever something was written to it until something is
 * written again. Ids that the writer made up anew take the place of the recorded ones in everything that is said from then on.
 */
export function recordedProcesses(file: string): { spawn(): Promise<BoxProcess>; readonly left: () => number } {
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  const ids = new Map<string, string>();
  const written: string[] = [];
  let at = 0;
  let wake: () => void = () => undefined;

  const take = (recorded: string): void => {
    const actual = written.shift()?.match(ID) ?? [];
    const before = recorded.match(ID) ?? [];
    if (actual.length === before.length)
      for (const [index, id] of before.entries()) if (!ids.has(id)) ids.set(id, actual[index] ?? id);
  };

  return {
    left: () => lines.length - at,
    spawn: async () => {
      let isOver = false;
      const changed = () =>
        new Promise<void>((resolve) => {
          wake = resolve;
        });
      const { promise: exited, resolve: exit } = Promise.withResolvers<{
        code: number | null;
        signal: string | null;
      }>();
      const finish = () => {
        isOver = true;
        exit({ code: 0, signal: null });
        wake();
      };
      return {
        pid: 1,
        stderrTail: () => '',
        exited,
        closeStdin: finish,
        end: async () => finish(),
        write: async (text) => {
          written.push(text);
          wake();
        },
        lines: (async function* () {
          while (!isOver) {
            const line = lines[at];
            const recorded = line === undefined ? null : writtenIn(line);
            if (line === undefined || (recorded !== null && written.length === 0)) {
              await changed();
              continue;
            }
            at += 1;
            if (recorded === null) yield { text: line.replaceAll(ID, (id) => ids.get(id) ?? id), truncated: false };
            else take(recorded);
          }
        })(),
      };
    },
  };
}

function writtenIn(line: string): string | null {
  const { written } = JSON.parse(line) as { written?: unknown }; // every recorded line is an object
  return typeof written === 'string' ? written : null;
}

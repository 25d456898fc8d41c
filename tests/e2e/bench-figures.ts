import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { INSTALLATION_ROOT } from '@molecule/testkit/installation';
import { expect } from 'vitest';

/** Ends a bench that hangs. */
const LIMIT_MS = 590_000;

export interface Figures {
  /** By their names. */
  readonly found: ReadonlyMap<string, number>;
  readonly output: string;
}

/**
 * Runs a bench and gives its figures. A bound that does not hold is no failure: a figure taken beside other tests proves nothing (bench/README.md says how
 * to take one).
 * @param env beside PATH and HOME
 */
export async function benchFigures(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Figures> {
  const output = await new Promise<string>((resolve, reject) => {
    execFile(
      process.execPath,
      [join(INSTALLATION_ROOT, 'bench', file), ...args],
      { encoding: 'utf8', timeout: LIMIT_MS, env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env } },
      (error, stdout, stderr) => {
        // 1 is a bound that does not hold; anything else is a bench that failed.
        if (error !== null && error.code !== 1) reject(new Error(`${file}: ${error.message}\n${stdout}${stderr}`));
        else resolve(`${stdout}${stderr}`);
      },
    );
  });
  const found = new Map<string, number>();
  for (const [, name = '', figure = ''] of output.matchAll(/^(?:ok|NO) {2}(.+?): (-?\d+(?:\.\d+)?)/gm))
    found.set(name, Number(figure));
  return { found, output };
}

/** Demands that every named figure was measured, and is above nothing. */
export function expectMeasured({ found, output }: Figures, names: readonly string[]): void {
  for (const name of names) expect(found.get(name), `${name} in:\n${output}`).toBeGreaterThan(0);
}

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { INSTALLATION_ROOT } from '@molecule/testkit/installation';

/** Runs a bench and gives its figures by name. A bound that does not hold is no failure: a figure taken beside other tests proves nothing. */
export async function benchFigures(
  file: string,
  args: readonly string[],
  limitMs: number,
): Promise<{ readonly found: ReadonlyMap<string, number>; readonly output: string }> {
  const output = await new Promise<string>((resolve, reject) => {
    execFile(
      process.execPath,
      [join(INSTALLATION_ROOT, 'bench', file), ...args],
      { encoding: 'utf8', timeout: limitMs, env: { PATH: process.env['PATH'], HOME: process.env['HOME'] } },
      (error, stdout, stderr) => {
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

import { loadavg } from 'node:os';

/**
 * Prints one result: what, the figure, the bound, and whether it holds; sets the exit code when it does not. A bound is on a ratio wherever possible, since
 * milliseconds of a shared machine say little.
 */
export function report(name, figure, bound, holds, detail = '') {
  const mark = holds ? 'ok' : 'NO';
  console.log(
    `${mark}  ${name}: ${figure} (bound ${bound})${detail === '' ? '' : `; ${detail}`}; load ${loadavg()[0].toFixed(1)}`,
  );
  if (!holds) process.exitCode = 1;
}

import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Starts one of the programs in `processes/` from its source. */
export function startProgram(name: string, args: readonly string[]): ChildProcess {
  const program = fileURLToPath(new URL(`processes/${name}.ts`, import.meta.url));
  return spawn(process.execPath, ['--conditions=source', '--no-warnings', program, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Waits for the end; rejects with what it printed when it failed. */
export function ended(child: ChildProcess): Promise<void> {
  let errors = '';
  child.stderr?.on('data', (chunk) => {
    errors += String(chunk);
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`exit ${code}: ${errors}`))));
  });
}

/** Waits until the program has printed a line that holds `text`. */
export function printed(child: ChildProcess, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = '';
    child.stdout?.on('data', (chunk) => {
      output += String(chunk);
      if (output.includes(text)) resolve();
    });
    child.on('exit', () => reject(new Error(`ended without printing ${text}`)));
  });
}

import { existsSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Beside `src` and `dist`: it is run as it is, by the Node of the box. */
const PROGRAM = fileURLToPath(new URL('../../programs/terminal-host.mjs', import.meta.url));

export interface TerminalProgram {
  readonly file: string;
  readonly module: string;
  /** Folders that a box must be able to read for it. */
  readonly readPaths: readonly string[];
}

/** The program that holds a shell in a box, with the module of pseudoterminals for this machine. @returns null where there is none */
export function findTerminalProgram(): TerminalProgram | null {
  try {
    const require = createRequire(import.meta.url);
    const module = realpathSync(require.resolve('@lydell/node-pty'));
    // The binary lies in a package of its own, which is installed where it fits the machine.
    const platform = realpathSync(
      createRequire(module).resolve(`@lydell/node-pty-${process.platform}-${process.arch}/package.json`),
    );
    const file = realpathSync(PROGRAM);
    return existsSync(file) ? { file, module, readPaths: [dirname(file), dirname(module), dirname(platform)] } : null;
  } catch {
    return null;
  }
}

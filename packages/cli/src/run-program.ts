import { CommanderError } from 'commander';
import { createHomeProgram, isHomeCommand } from './home-program.ts';
import { reportFailure } from './output/printer.ts';
import { UsageError } from './output/usage-error.ts';

/** Runs one command line and sets the exit code: 0 ok, 1 failed, 2 wrong usage. */
export async function runProgram(argv: readonly string[]): Promise<void> {
  const program = isHomeCommand(argv) ? createHomeProgram() : (await import('./program.ts')).createProgram();
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
    else if (error instanceof UsageError) {
      process.stderr.write(`${error.message}\n`);
      process.exitCode = 2;
    } else {
      await reportFailure(error, argv.includes('--json'));
      process.exitCode = 1;
    }
  }
}

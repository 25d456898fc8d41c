/** Where a command writes: values on stdout, everything else on stderr. */
export interface Printer {
  readonly json: boolean;
  /** With `--json`: one JSON value on one line. */
  value(value: unknown): void;
  /** For people; nothing with `--json`. */
  line(text: string): void;
  /** Text without a line end, for streams; nothing with `--json`. */
  part(text: string): void;
  note(text: string): void;
}

export function createPrinter(json: boolean): Printer {
  return {
    json,
    value: (value) => void (json && process.stdout.write(`${JSON.stringify(value)}\n`)),
    line: (text) => void (!json && process.stdout.write(`${text}\n`)),
    part: (text) => void (!json && process.stdout.write(text)),
    note: (text) => void (!json && process.stderr.write(`${text}\n`)),
  };
}

/** Reports a failure: what happened and what to do; with `--json` as `{"type":"error",…}` on stdout. A bug shows its stack on stderr. */
export async function reportFailure(error: unknown, json: boolean): Promise<void> {
  // The catalogue comes with the schemas, which a command that does not fail may never load.
  const { isMoleculeError } = await import('@molecule/contracts');
  if (isMoleculeError(error)) {
    if (json)
      process.stdout.write(
        `${JSON.stringify({ type: 'error', code: error.code, message: error.message, hint: error.hint })}\n`,
      );
    else {
      // The hint of the API speaks to programs.
      const hint = error.code === 'invalid_request' ? 'Call the command with --help to see what it takes.' : error.hint;
      process.stderr.write(`${error.message}\n${hint}\n`);
    }
    return;
  }
  const message = error instanceof Error ? error.message : String(error);
  if (json)
    process.stdout.write(
      `${JSON.stringify({ type: 'error', code: 'internal', message, hint: 'This is a fault in Molecule.' })}\n`,
    );
  process.stderr.write(
    `${error instanceof Error ? (error.stack ?? message) : message}\nThis is a fault in Molecule, please report it.\n`,
  );
}

/** The line that `up --json` prints once it is ready. */
export interface ReadyLine {
  readonly type: 'ready';
  readonly url: string;
  readonly token: string;
  readonly signInUrl: string;
  readonly runtime: string;
  readonly model: string | null;
  readonly demo: boolean;
  /** Where the model comes from, for people. */
  readonly modelNote: string;
  readonly concierge: { readonly id: string; readonly status: string; readonly reason: string | null } | null;
  readonly steps: readonly { readonly name: string; readonly ms: number }[];
  readonly seconds: number;
}

/** The ready line among lines of output, or undefined. */
export function findReadyLine(output: string): ReadyLine | undefined {
  for (const line of output.split('\n')) {
    if (!line.startsWith('{"type":"ready"')) continue;
    if (output.includes(`${line}\n`)) return JSON.parse(line) as ReadyLine; // printed whole; its fields are what the tests look at
  }
  return undefined;
}

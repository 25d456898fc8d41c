import type { Printer } from './printer.ts';

/**
 * Progress of a command: one line a step with its time. On a terminal the step shows while it runs; piped, each line is written when
 * the step has ended.
 */
export class Steps {
  readonly #printer: Printer;
  readonly #live: boolean;
  readonly #taken: { name: string; ms: number }[] = [];

  constructor(printer: Printer) {
    this.#printer = printer;
    this.#live = !printer.json && process.stderr.isTTY === true;
  }

  /** Runs one step. `detail` of the result is shown behind the name; one that ended and did not reach its aim is marked like one that failed. */
  async run<T>(
    name: string,
    work: () => Promise<T>,
    detail: (result: T) => string = () => '',
    isGood: (result: T) => boolean = () => true,
  ): Promise<T> {
    const started = performance.now();
    if (this.#live) process.stderr.write(`  …  ${name}`);
    try {
      const result = await work();
      this.#end(isGood(result) ? 'ok' : 'no', name, started, detail(result));
      return result;
    } catch (error) {
      this.#end('no', name, started, '');
      throw error;
    }
  }

  /** Steps so far with their times in milliseconds. */
  get taken(): readonly { readonly name: string; readonly ms: number }[] {
    return this.#taken;
  }

  #end(mark: 'ok' | 'no', name: string, started: number, detail: string): void {
    const ms = performance.now() - started;
    this.#taken.push({ name, ms: Math.round(ms) });
    const line = `  ${mark} ${name}${detail === '' ? '' : `: ${detail}`} (${ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`})`;
    if (this.#live) process.stderr.write(`\r\u001b[2K${line}\n`);
    else this.#printer.note(line);
  }
}

// What the person sees while the launcher works. Everything goes to stderr: stdout belongs to the command itself.

const TICK_INTERVAL_MS = 1000;

/** A failure the person can act on: printed as `message` and `hint`, without a stack. */
export class BootstrapError extends Error {
  /**
   * @param {string} message what happened
   * @param {string} hint what to do about it
   * @param {number} [exitCode]
   */
  constructor(message, hint, exitCode = 1) {
    super(message);
    this.hint = hint;
    this.exitCode = exitCode;
  }
}

/** @param {number} ms */
function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`;
}

/**
 * Runs one step and reports its name and duration: `[2/3] dependencies  4.1 s`.
 * On a terminal the line counts up while it runs; elsewhere it is printed once, when the step is done.
 * @template T
 * @param {string} position e.g. `2/3`
 * @param {string} name
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(position, name, work) {
  const startedAt = performance.now();
  const line = () => `[${position}] ${name}  ${seconds(performance.now() - startedAt)}`;
  const live = process.stderr.isTTY === true;
  const ticker = live ? setInterval(() => process.stderr.write(`\r${line()}`), TICK_INTERVAL_MS) : undefined;
  let outcome = 'failed after';
  try {
    const result = await work();
    outcome = '';
    return result;
  } finally {
    clearInterval(ticker);
    const text = outcome === '' ? line() : `[${position}] ${name} ${outcome} ${seconds(performance.now() - startedAt)}`;
    process.stderr.write(`${live ? '\r\u001b[K' : ''}${text}\n`);
  }
}

/** @param {string} text */
export function say(text) {
  process.stderr.write(`${text}\n`);
}

/**
 * Prints a failure the way a person can use it and returns the exit code.
 * @param {unknown} error
 */
export function reportFailure(error) {
  if (!(error instanceof BootstrapError)) throw error;
  say(`molecule: ${error.message}\n${error.hint}`);
  return error.exitCode;
}

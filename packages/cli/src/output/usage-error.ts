/** The command line itself is wrong: the process says so in one line and exits with 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

import { type Logger as PinoLogger, pino } from 'pino';

export type Logger = PinoLogger;

/** Anything that looks like a token of ours or a provider's key, wherever it got into a log line by mistake. */
const SECRET = /\b(mol_[a-z]{3}_[A-Za-z0-9_-]{20,}|sk-[A-Za-z0-9_-]{16,}|AIza[A-Za-z0-9_-]{20,})/g;

/**
 * Structured log on stderr (stdout belongs to the command's own output). Request bodies and headers are never logged.
 * @param level pino level, `info` by default, `silent` in tests
 */
export function createLogger(level: string, destination: NodeJS.WritableStream = process.stderr): Logger {
  return pino(
    {
      level,
      base: null,
      redact: {
        paths: ['req.headers', 'authorization', '*.token', '*.apiKey', '*.orgApiKey', '*.value'],
        censor: '[redacted]',
      },
    },
    { write: (line: string) => void destination.write(line.replace(SECRET, '[redacted]')) },
  );
}

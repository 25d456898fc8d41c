import { ERROR_CATALOGUE, type ErrorCode } from './catalogue.ts';

export type ErrorParams = Readonly<Record<string, string | number | readonly string[]>>;

export interface MoleculeErrorOptions {
  /** Values for the `{name}` places of message and hint. Never a secret: they reach logs and answers. */
  readonly params?: ErrorParams;
  readonly cause?: unknown;
}

/** An expected failure from the catalogue. Anything else that is thrown is a bug and shows as `internal`. */
export class MoleculeError extends Error {
  override readonly name = 'MoleculeError';
  readonly code: ErrorCode;
  /** HTTP status that the error has on the wire. */
  readonly status: number;
  /** What the reader can do next. */
  readonly hint: string;
  readonly params: ErrorParams;

  constructor(code: ErrorCode, options: MoleculeErrorOptions = {}) {
    const [status, message, hint] = ERROR_CATALOGUE[code];
    const params = options.params ?? {};
    super(fill(message, params), options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.status = status;
    this.hint = fill(hint, params);
    this.params = params;
  }

  /** The error as a client rebuilds it from a problem document: code, and the sentences as the server wrote them. */
  static fromProblem(code: ErrorCode, detail: string, hint: string): MoleculeError {
    const error = new MoleculeError(code);
    error.message = detail;
    return Object.assign(error, { hint });
  }
}

/** True for a MoleculeError, with a given code if one is named. */
export function isMoleculeError(value: unknown, code?: ErrorCode): value is MoleculeError {
  return value instanceof MoleculeError && (code === undefined || value.code === code);
}

/** Places that have no value are dropped, so that a sentence never shows a bare `{name}`. */
function fill(template: string, params: ErrorParams): string {
  return template
    .replace(/\{(\w+)\}/g, (_, key: string) => {
      const value = Object.hasOwn(params, key) ? params[key] : undefined;
      return value === undefined ? '' : Array.isArray(value) ? value.join(', ') : String(value);
    })
    .trim();
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import { isMoleculeError } from '@molecule/contracts';
import { codecOf, type ErrorKind, type ProtocolCodec, type ProtocolId } from '@molecule/models';

/** More of an error is not read: it is a sentence or two. */
const MOST_ERROR_BYTES = 64 * 1024;
const ERROR_TIME_MS = 10_000;

/** The protocol by the address alone, for errors before a route is known. */
export function protocolOfPath(path: string): ProtocolId {
  if (path.startsWith('/llm/anthropic')) return 'anthropic';
  if (path.startsWith('/llm/google')) return 'google';
  return /\/responses(?:[/?]|$)/.test(path) ? 'openai-responses' : 'openai-chat';
}

/** Answers with an error in the protocol's own shape, so that the box's CLI shows it well. */
export function sendError(
  to: ServerResponse,
  codec: ProtocolCodec,
  kind: ErrorKind,
  message: string,
  retryAfterSeconds?: number,
): void {
  if (to.headersSent || to.destroyed) return void to.destroy();
  const { status, headers, body } = codec.encodeError(kind, message, retryAfterSeconds);
  to.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
  to.end(body);
}

/** What one of our own errors is called in the protocols. */
export function kindOfError(error: unknown): { readonly kind: ErrorKind; readonly message: string } {
  if (!isMoleculeError(error))
    return { kind: 'upstream', message: 'Something went wrong inside Molecule; its log says more.' };
  const message = error.hint === '' ? error.message : `${error.message} ${error.hint}`;
  switch (error.code) {
    case 'budget_exceeded':
      return { kind: 'budget', message };
    case 'body_too_large':
      return { kind: 'too_large', message };
    case 'rate_limited':
      return { kind: 'rate_limit', message };
    case 'not_configured':
      return { kind: 'forbidden', message };
    default:
  }
  if (error.status === 401) return { kind: 'auth', message };
  if (error.status === 403) return { kind: 'forbidden', message };
  if (error.status === 404) return { kind: 'not_found', message };
  if (error.status >= 500) return { kind: error.status === 503 ? 'overload' : 'upstream', message };
  return { kind: 'bad_request', message };
}

export function protocolError(path: string, error: unknown): ReturnType<ProtocolCodec['encodeError']> {
  const { kind, message } = kindOfError(error);
  return codecOf(protocolOfPath(path)).encodeError(kind, message);
}

/** The text of a provider's error answer, cut to a sane length. */
export async function readErrorText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const timer = setTimeout(() => response.destroy(), ERROR_TIME_MS);
  try {
    for await (const chunk of response) {
      const buffer = chunk as Buffer; // no encoding is set, so chunks are buffers
      chunks.push(buffer);
      bytes += buffer.length;
      if (bytes >= MOST_ERROR_BYTES) break;
    }
  } catch {
    // What came before it broke is what there is.
  } finally {
    clearTimeout(timer);
    response.destroy();
  }
  return Buffer.concat(chunks).subarray(0, MOST_ERROR_BYTES).toString('utf8');
}

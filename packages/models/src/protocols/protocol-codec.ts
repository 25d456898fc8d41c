import type { UsageMeter } from '../metering/usage-meter.ts';
import type { ErrorKind, ProtocolError } from './error-kind.ts';
import type { ModelRequest, ProtocolId } from './model-request.ts';
import type { Reply, StopReason, TokenUsage, ToolCall } from './reply.ts';

/** Makes an id that is unique in a conversation, with the prefix its protocol uses. */
export type NewId = (prefix: string) => string;

/** What an encoder needs from outside: ids and the time, in milliseconds since 1970. */
export interface EncodeContext {
  readonly newId: NewId;
  readonly nowMs: number;
}

/** Encodes one streamed answer, piece by piece; every method gives the exact bytes to send (as text). */
export interface StreamEncoder {
  readonly contentType: string;
  /** `usage` is what is known before the first token: its output counts are not sent yet. */
  begin(usage: TokenUsage): string;
  text(delta: string): string;
  toolCall(call: ToolCall): string;
  finish(stopReason: StopReason, usage: TokenUsage): string;
}

/** One wire protocol: reading requests, writing answers and errors, metering what passes. Pure: no input or output of its own. */
export interface ProtocolCodec {
  readonly id: ProtocolId;
  /** Reads a parsed body leniently: unknown blocks are skipped. `path` carries model and stream flag in Google's protocol. */
  readRequest(body: unknown, path: string): ModelRequest;
  createEncoder(request: ModelRequest, context: EncodeContext): StreamEncoder;
  encodeWhole(request: ModelRequest, reply: Reply, context: EncodeContext): string;
  encodeTokenCount(tokens: number): string;
  encodeError(kind: ErrorKind, message: string, retryAfterSeconds?: number): ProtocolError;
  /** The same error inside a stream that has already begun with status 200. */
  encodeStreamError(kind: ErrorKind, message: string): string;
  createMeter(contentType: string): UsageMeter;
}

import type { ModelRequest } from '../protocols/model-request.ts';
import type { ModelOperation } from '../protocols/model-route.ts';
import type { TokenUsage } from '../protocols/reply.ts';

/** What the scripted model notes of one request. Never a body and never a key: only which header carried one. */
export interface RequestRecord {
  readonly number: number;
  readonly protocol: ModelRequest['protocol'];
  readonly operation: ModelOperation;
  readonly path: string;
  readonly model: string;
  readonly stream: boolean;
  readonly auth: AuthHeader | null;
  readonly userAgent: string;
  readonly offeredTools: readonly string[];
  readonly deferredTools: readonly string[];
  /** `MARK_...` strings anywhere in the request: show whether an instruction file reached the model. */
  readonly marks: readonly string[];
  readonly prompt: string;
  readonly results: number;
  /** Length of the request's body in bytes. */
  readonly bytes: number;
  readonly reply: string;
  /** Served so far or at all; for a cut answer what was generated before the cut. Zero for errors. */
  readonly served: TokenUsage;
  readonly outcome: 'pending' | 'complete' | 'cut' | 'error';
}

export type AuthHeader = 'authorization' | 'x-api-key' | 'x-goog-api-key';
export type RequestHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

export function authHeaderOf(headers: RequestHeaders): AuthHeader | null {
  const known = ['authorization', 'x-api-key', 'x-goog-api-key'] as const;
  return known.find((name) => headers[name] !== undefined) ?? null;
}

export function marksIn(text: string): string[] {
  return [...new Set(text.match(/MARK_\w+/g) ?? [])];
}

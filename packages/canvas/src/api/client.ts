import { noteServerTime } from '../live/server-clock.ts';
import { ApiProblem, unreachable } from './problem.ts';
import type { Problem, Routes } from './wire.generated.ts';

const CSRF_COOKIE = 'molecule_csrf';
const CSRF_HEADER = 'x-molecule-csrf';

type Part<K extends keyof Routes, P extends 'path' | 'query' | 'body'> = Routes[K][P] extends undefined
  ? { readonly [N in P]?: undefined }
  : Partial<Routes[K][P]> extends Routes[K][P]
    ? { readonly [N in P]?: Routes[K][P] }
    : { readonly [N in P]: Routes[K][P] };
export type CallInput<K extends keyof Routes> = Part<K, 'path'> &
  Part<K, 'query'> &
  Part<K, 'body'> & { readonly signal?: AbortSignal; readonly idempotencyKey?: string };

/** Told of every answer 401, so that the page can ask for a new session without losing what is on it. */
let onSignedOut: () => void = () => {};
export function whenSignedOut(listener: () => void): void {
  onSignedOut = listener;
}

/**
 * Calls one route of the control plane. Routes and types come from its OpenAPI document.
 * @throws ApiProblem for a refusal, and with code `unreachable` when there was no answer
 */
export async function call<K extends keyof Routes>(
  route: K,
  ...[input]: Record<never, never> extends CallInput<K> ? [CallInput<K>?] : [CallInput<K>]
): Promise<Routes[K]['reply']> {
  const [method = 'GET', template = ''] = route.split(' ');
  const given: {
    readonly path?: unknown;
    readonly query?: unknown;
    readonly body?: unknown;
    readonly signal?: AbortSignal;
    readonly idempotencyKey?: string;
  } = input ?? {};
  const headers = new Headers({ accept: 'application/json' });
  if (given.body !== undefined) headers.set('content-type', 'application/json');
  if (given.idempotencyKey !== undefined) headers.set('idempotency-key', given.idempotencyKey);
  if (method !== 'GET') headers.set(CSRF_HEADER, cookie(CSRF_COOKIE));
  const response = await fetch(addressOf(template, given.path, given.query), {
    method,
    headers,
    credentials: 'same-origin',
    ...(given.body === undefined ? {} : { body: JSON.stringify(given.body) }),
    ...(given.signal === undefined ? {} : { signal: given.signal }),
  }).catch((error: unknown) => {
    if (given.signal?.aborted === true) throw error;
    throw unreachable();
  });
  if (response.status === 204) return undefined as Routes[K]['reply']; // a route without an answer
  noteServerTime(response);
  if (response.ok) return (await response.json()) as Routes[K]['reply']; // the types were made from the document of this server
  throw await refusal(response);
}

export async function refusal(response: Response): Promise<ApiProblem> {
  const problem = (await response.json().catch(() => undefined)) as Partial<Problem> | undefined; // problem+json, checked field by field below
  if (response.status === 401) onSignedOut();
  return new ApiProblem({
    code: problem?.code ?? 'internal',
    status: response.status,
    detail: problem?.detail ?? `The server answered ${response.status}.`,
    hint: problem?.hint ?? 'Try again.',
    params: problem?.params,
  });
}

function addressOf(template: string, path: unknown, query: unknown): string {
  const values = (path ?? {}) as Readonly<Record<string, string>>; // typed by CallInput
  const filled = template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? ''));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries((query ?? {}) as Readonly<Record<string, string | number | undefined>>)) {
    // typed by CallInput
    if (value !== undefined) search.set(name, String(value));
  }
  const text = search.toString();
  return text === '' ? filled : `${filled}?${text}`;
}

function cookie(name: string): string {
  return (
    document.cookie
      .split('; ')
      .find((part) => part.startsWith(`${name}=`))
      ?.slice(name.length + 1) ?? ''
  );
}

import { urlToHttpOptions } from 'node:url';
import { upstreamUrl } from '@molecule/models';
import type { ModelCall } from './model-call.ts';

/** Queries that mean something to a provider. */
const PASSED_QUERIES = ['beta', 'alt'] as const;
const MOST = 1_000;

export interface CallAddress {
  readonly url: URL;
  /** The same, as a request wants it. */
  readonly options: ReturnType<typeof urlToHttpOptions>;
}

/** Addresses of providers that calls go to, kept: there are few, and taking them apart for each call costs time before its first byte. */
export class CallAddresses {
  readonly #kept = new Map<string, CallAddress>();

  /** @param path the box's own, with its query */
  of(baseUrl: string, call: Pick<ModelCall, 'route' | 'modelId' | 'stream'>, path: string): CallAddress {
    const { protocol, operation } = call.route;
    const query = path.split('?')[1] ?? '';
    const key = JSON.stringify([baseUrl, protocol, operation, call.modelId, call.stream, query]);
    const known = this.#kept.get(key);
    if (known !== undefined) return known;
    const url = new URL(upstreamUrl(baseUrl, protocol, operation, { model: call.modelId, stream: false }));
    aim(url, call, query);
    const made = { url, options: urlToHttpOptions(url) };
    if (this.#kept.size >= MOST) this.#kept.clear();
    this.#kept.set(key, made);
    return made;
  }
}

/** The method of Google's protocol stands in the path and goes with its query. */
function aim(url: URL, { route, stream }: Pick<ModelCall, 'route' | 'stream'>, query: string): void {
  if (route.protocol === 'google' && route.operation === 'generate' && stream)
    url.pathname = url.pathname.replace(/:generateContent$/, ':streamGenerateContent');
  const asked = new URLSearchParams(query);
  for (const name of PASSED_QUERIES) {
    const value = asked.get(name);
    if (value !== null) url.searchParams.set(name, value);
  }
}

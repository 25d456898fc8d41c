import http from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import type { Readable } from 'node:stream';
import { AddressRefused, publicAddresses } from '../address-guard.ts';
import { fetchFailed } from '../fetch-failure.ts';

export interface WebRequest {
  readonly url: string;
  readonly accept: string;
  readonly label: string;
  readonly signal: AbortSignal;
  /** Origin that the operator configured: reached wherever it is. Any other must be public. */
  readonly trustedOrigin: string;
  readonly allowPrivateAddresses: boolean;
  /** Sent to the trusted origin alone, and only after it has answered 401 (I45). */
  readonly authorization: string | null;
}

const MOST_REDIRECTS = 3;

/**
 * GET as a stream. Redirects are followed by hand, each place guarded like the first; the credential never leaves the configured origin.
 * @throws MoleculeError `plugin_fetch_failed`
 */
export async function webRequest(request: WebRequest): Promise<Readable> {
  const { label } = request;
  let url = new URL(request.url);
  let authorization: string | null = null;
  for (let hops = 0; hops <= MOST_REDIRECTS; ) {
    const isTrusted = url.origin === request.trustedOrigin;
    const response = await send(
      url,
      isTrusted ? authorization : null,
      isTrusted || request.allowPrivateAddresses,
      request,
    );
    const status = response.statusCode ?? 0;
    if (status === 200) return response;
    response.resume();
    if (status >= 300 && status < 400 && response.headers.location !== undefined) {
      hops += 1;
      url = new URL(response.headers.location, url);
      continue;
    }
    if (status === 401 && isTrusted && authorization === null && request.authorization !== null) {
      authorization = request.authorization;
      continue;
    }
    if (status === 401 || status === 403)
      throw fetchFailed(
        label,
        authorization === null ? 'credential_needed' : 'credential_refused',
        `${url.host} answered ${status}`,
      );
    if (status === 404) throw fetchFailed(label, 'not_found', `${url.host} does not have it`);
    throw fetchFailed(label, status >= 500 ? 'unreachable' : 'refused', `${url.host} answered ${status}`);
  }
  throw fetchFailed(label, 'refused', `${url.host} redirects in circles`);
}

function send(
  url: URL,
  authorization: string | null,
  mayBeInternal: boolean,
  { accept, label, signal }: WebRequest,
): Promise<http.IncomingMessage> {
  if (url.protocol !== 'https:' && !(mayBeInternal && url.protocol === 'http:'))
    throw fetchFailed(label, 'address_refused', 'a source is reached over https');
  const lookup: LookupFunction = (host, options, callback) => {
    publicAddresses(host).then(
      (found) =>
        options.all === true
          ? callback(
              null,
              found.map(({ address, family }) => ({ address, family })),
            )
          : callback(null, found[0]?.address ?? '', found[0]?.family ?? 4),
      (error: unknown) => callback(error instanceof Error ? error : new Error(String(error)), ''),
    );
  };
  return new Promise((resolve, reject) => {
    const refuse = (error: Error): void => {
      if (signal.aborted) reject(signal.reason);
      else
        reject(
          error instanceof AddressRefused
            ? fetchFailed(label, 'address_refused', error.message)
            : fetchFailed(label, 'unreachable', `${url.host}: ${error.message}`, error),
        );
    };
    const start = (): void => {
      const request = (url.protocol === 'https:' ? https : http).request(
        url,
        {
          signal,
          headers: { accept, 'user-agent': 'molecule', ...(authorization === null ? {} : { authorization }) },
          ...(mayBeInternal ? {} : { lookup }),
        },
        resolve,
      );
      request.on('error', refuse);
      request.end();
    };
    // An address in digits is not looked up, so the guard above would never see it.
    if (mayBeInternal) start();
    else publicAddresses(url.hostname).then(start, refuse);
  });
}

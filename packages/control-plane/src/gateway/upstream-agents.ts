import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { AddressRefused, isInternalAddress, publicAddresses, type ResolveName } from '@molecule/plugins';

/** A connection that nobody used for so long is closed before the provider does it. */
const IDLE_MS = 30_000;
const MOST_IDLE = 256;

/** Looks a name up and refuses it as a whole when one of its addresses is internal; the connection is made to what was looked at. */
export function guardedLookup(resolve?: ResolveName): LookupFunction {
  return (hostname, options, callback) => {
    publicAddresses(hostname, resolve).then(
      (found) => {
        const [first] = found;
        if (first === undefined) callback(new Error(`${hostname} has no address`), '', 0);
        else if (options.all === true) callback(null, [...found]);
        else callback(null, first.address, first.family);
      },
      (error: unknown) => callback(error instanceof Error ? error : new Error(String(error)), '', 0),
    );
  };
}

/** Connections to providers, kept open between calls: pools for addresses of the operator, and guarded ones for those that came over the API. */
export class UpstreamAgents {
  readonly #options = { keepAlive: true, maxFreeSockets: MOST_IDLE, timeout: IDLE_MS, scheduling: 'lifo' } as const;
  readonly #plain = { http: new HttpAgent(this.#options), https: new HttpsAgent(this.#options) };
  readonly #guarded: { readonly http: HttpAgent; readonly https: HttpsAgent };

  /** @param resolve default: the machine's resolver */
  constructor(resolve?: ResolveName) {
    const lookup = guardedLookup(resolve);
    this.#guarded = {
      http: new HttpAgent({ ...this.#options, lookup }),
      https: new HttpsAgent({ ...this.#options, lookup }),
    };
  }

  /** @throws AddressRefused for a guarded target that is itself an internal address: nobody looks that up. */
  of(target: URL, guarded: boolean): HttpAgent {
    const host = bareHost(target);
    if (guarded && isIP(host) !== 0 && isInternalAddress(host))
      throw new AddressRefused(`${host} is an internal address`);
    const pool = guarded ? this.#guarded : this.#plain;
    return target.protocol === 'https:' ? pool.https : pool.http;
  }

  close(): void {
    for (const agent of [...Object.values(this.#plain), ...Object.values(this.#guarded)]) agent.destroy();
  }
}

/** Why an address that came over the API is not used; null = it may be. Names are looked at again when they are connected to. */
export function addressProblem(address: string, allowInternal: boolean): string | null {
  if (!URL.canParse(address)) return 'it is not a URL';
  const url = new URL(address);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'only http and https are spoken';
  if (url.username !== '' || url.password !== '') return 'it holds a password';
  if (url.search !== '' || url.hash !== '') return 'it holds a query';
  if (allowInternal) return null;
  const host = bareHost(url);
  if (host === 'localhost' || host.endsWith('.localhost') || host.endsWith('.local') || host.endsWith('.internal'))
    return 'it is an internal name';
  if (/^[\d.]+$|:/.test(host) && isInternalAddress(host)) return 'it is an internal address';
  return url.protocol === 'http:' ? 'the key would travel unencrypted' : null;
}

/** Without the brackets of an IPv6 address. */
function bareHost(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}

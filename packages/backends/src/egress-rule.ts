import { isIP } from 'node:net';
import { isPublicAddress } from './address-guard.ts';
import type { AllowedHost } from './isolation-policy.ts';

export type EgressDecision =
  | { readonly allowed: true; readonly address: string }
  | { readonly allowed: false; readonly reason: string };

/** Finds the addresses of a name. */
export type ResolveName = (host: string) => Promise<readonly string[]>;

/**
 * Decides whether a box may connect to `host:port`, and to which address.
 *
 * The name is resolved once, here, and the caller connects to the address of the answer: a name that changes its address between the check
 * and the connection gains nothing. If one address of several is not public, the whole name is refused.
 */
export async function decideEgress(
  allowed: readonly AllowedHost[],
  host: string,
  port: number,
  resolve: ResolveName,
): Promise<EgressDecision> {
  const wanted = host.toLowerCase().replace(/^\[|\]$|\.$/g, '');
  const entry = allowed.find((candidate) => candidate.port === port && matches(candidate.host.toLowerCase(), wanted));
  if (entry === undefined)
    return { allowed: false, reason: `${wanted}:${port} is not on the allow list of this workspace` };
  let addresses: readonly string[];
  try {
    addresses = isIP(wanted) === 0 ? await resolve(wanted) : [wanted];
  } catch {
    return { allowed: false, reason: `the name ${wanted} could not be resolved` };
  }
  const [address] = addresses;
  if (address === undefined) return { allowed: false, reason: `the name ${wanted} has no address` };
  if (entry.privateAddress !== true && !addresses.every(isPublicAddress)) {
    return { allowed: false, reason: `${wanted} leads to an address that is not public` };
  }
  return { allowed: true, address };
}

function matches(pattern: string, host: string): boolean {
  return pattern.startsWith('*.')
    ? host.endsWith(pattern.slice(1)) && host.length > pattern.length - 1
    : host === pattern;
}

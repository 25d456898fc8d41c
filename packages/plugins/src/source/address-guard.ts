import { lookup as dnsLookup } from 'node:dns';
import { BlockList, isIP } from 'node:net';

/** Why an address is not reached. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused';
}

// One list for each family: Node takes an IPv4 address for the IPv6 one that carries it, so that `::ffff:0:0/96` in a common list would cover all of IPv4.
const [INTERNAL_IPV4, INTERNAL_IPV6] = [new BlockList(), new BlockList()];
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const)
  INTERNAL_IPV4.addSubnet(net, bits, 'ipv4');
// Addresses that carry an IPv4 address inside are refused as a whole: nothing public needs them.
for (const [net, bits] of [
  ['::', 96],
  ['::ffff:0:0', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['2002::', 16],
  ['2001::', 32],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
] as const)
  INTERNAL_IPV6.addSubnet(net, bits, 'ipv6');

/** Loopback, private, link-local, multicast and the like: what a source given by somebody has no business with (SSRF). */
export function isInternalAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return INTERNAL_IPV4.check(address, 'ipv4');
    case 6:
      return INTERNAL_IPV6.check(address, 'ipv6');
    default:
      return true;
  }
}

export interface ResolvedAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

/** Asks the machine's resolver for all addresses of a name. */
export type ResolveName = (name: string) => Promise<readonly ResolvedAddress[]>;

/**
 * Addresses of a host. Refused as a whole when one of them is internal, so that a name with several answers cannot be a matter of luck. The caller must connect to
 * one of these very addresses: a second look-up may answer something else.
 * @throws AddressRefused
 */
export async function publicAddresses(
  host: string,
  resolve: ResolveName = lookUp,
): Promise<readonly ResolvedAddress[]> {
  const name = host.replace(/^\[|\]$/g, '');
  const family = isIP(name);
  const found = family !== 0 ? [{ address: name, family: family === 4 ? 4 : 6 } as const] : await resolve(name);
  const internal = found.find(({ address }) => isInternalAddress(address));
  if (internal !== undefined) throw new AddressRefused(`${host} is an internal address`);
  if (found.length === 0) throw new AddressRefused(`${host} has no address`);
  return found;
}

function lookUp(name: string): Promise<ResolvedAddress[]> {
  return new Promise((resolve, reject) => {
    dnsLookup(name, { all: true }, (error, addresses) => {
      if (error === null) resolve(addresses.map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 })));
      else reject(error);
    });
  });
}

import { BlockList, isIP } from 'node:net';

/**
 * Addresses that lead to this machine, its neighbours or nowhere (IANA special-purpose registries, RFC 6890). A name of the outside that
 * resolves to one of them is the classic way around an allow list, for instance to the metadata service of a cloud at 169.254.169.254.
 */
const SPECIAL_V4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];
/** With the ranges that carry an IPv4 address inside (NAT64, 6to4, Teredo), through which the ones above could be named again. */
const SPECIAL_V6 = [
  '::/96',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  '3fff::/20',
  '5f00::/16',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
];

const special = new BlockList();
for (const range of SPECIAL_V4) addRange(range, 'ipv4');
for (const range of SPECIAL_V6) addRange(range, 'ipv6');

/** True for an IP address of the public internet; false for every special one and for what is not an IP address. */
export function isPublicAddress(address: string): boolean {
  const plain = address.split('%')[0] ?? '';
  const version = isIP(plain);
  if (version === 0) return false;
  // IPv4-mapped IPv6 addresses are checked against the IPv4 ranges by BlockList itself.
  return !special.check(plain, version === 4 ? 'ipv4' : 'ipv6');
}

function addRange(range: string, family: 'ipv4' | 'ipv6'): void {
  const [network = '', prefix = ''] = range.split('/');
  special.addSubnet(network, Number(prefix), family);
}

import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import { isInternalAddress, publicAddresses } from '../../src/index.ts';

const INTERNAL = [
  '0.0.0.0',
  '10.1.2.3',
  '100.64.0.1',
  '127.0.0.1',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '198.18.0.1',
  '224.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::ffff:127.0.0.1',
  '::ffff:8.8.8.8',
  '64:ff9b::a00:1',
  '2002:7f00:1::',
  'fc00::1',
  'fe80::1',
  'ff02::1',
  'no address',
];
const PUBLIC = ['1.1.1.1', '8.8.8.8', '100.128.0.1', '172.32.0.1', '192.167.0.1', '203.0.113.7', '2606:4700::1'];

test(verifies(['B60', 'I5-bad-ssrf'], 'internal addresses of both families are told from public ones'), () => {
  expect(INTERNAL.filter((address) => !isInternalAddress(address))).toEqual([]);
  expect(PUBLIC.filter((address) => isInternalAddress(address))).toEqual([]);
});

test(
  verifies(['B60', 'I5-bad-ssrf'], 'a name is refused as a whole when one of its addresses is internal'),
  async () => {
    const of = (...addresses: readonly string[]) =>
      publicAddresses('models.example.com', async () => addresses.map((address) => ({ address, family: 4 })));
    expect(await of('8.8.8.8', '1.1.1.1')).toHaveLength(2);
    await expect(of('8.8.8.8', '127.0.0.1')).rejects.toMatchObject({ name: 'AddressRefused' });
    await expect(of()).rejects.toMatchObject({ name: 'AddressRefused' });
  },
);

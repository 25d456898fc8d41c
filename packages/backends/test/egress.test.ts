import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSandbox, runInGroup, type Sandbox } from '@molecule/backends';
import { verifies } from '@molecule/testkit/verifies';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isPublicAddress } from '../src/address-guard.ts';
import { decideEgress } from '../src/egress-rule.ts';
import { boxFixture, node, runToEnd, wordServer } from './box-fixture.ts';

const connectTo = (port: number, host = '127.0.0.1') => `
  const socket = require('node:net').connect({ port: ${port}, host: '${host}', timeout: 3000 });
  socket.on('data', (data) => console.log(String(data)));
  socket.on('timeout', () => { console.log('timeout'); socket.destroy(); });
  socket.on('error', (error) => console.log(error.code));`;

describe('the network of a box', () => {
  const box = boxFixture();
  const site = createServer((request, response) =>
    response.end(`site ${request.method} ${request.url} ${request.headers.host}`),
  );
  let controlPlane: Awaited<ReturnType<typeof wordServer>>;
  let forbidden: Awaited<ReturnType<typeof wordServer>>;
  let sitePort = 0;
  let sandbox: Sandbox;

  beforeAll(async () => {
    [controlPlane, forbidden] = await Promise.all([wordServer('control plane'), wordServer('forbidden')]);
    await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
    sitePort = (site.address() as AddressInfo).port;
    const hosts = [
      { host: '127.0.0.1', port: sitePort, privateAddress: true },
      { host: 'localhost', port: sitePort },
    ];
    sandbox = await createSandbox(box.policy({ controlPlanePort: controlPlane.port, hosts }));
    expect(sandbox.shortfall).toBeUndefined();
  });
  afterAll(() => {
    sandbox.close();
    for (const server of [controlPlane.server, forbidden.server, site]) server.close();
    box.remove();
  });
  const inside = async (script: string) => (await runToEnd(node(script, box.own), { sandbox })).stdout;
  /** CONNECT through the proxy of the box, then a request in the tunnel. */
  const tunnel = (target: string) => `
    const proxy = new URL(process.env.HTTPS_PROXY);
    const request = require('node:http').request({ host: proxy.hostname, port: proxy.port, method: 'CONNECT', path: '${target}' });
    request.on('connect', (answer, socket, head) => {
      console.log(answer.statusCode + String(head));
      if (answer.statusCode !== 200) return socket.on('data', (data) => console.log(String(data)));
      socket.end('GET /in-tunnel HTTP/1.1\\r\\nhost: inner\\r\\nconnection: close\\r\\n\\r\\n');
      socket.on('data', (data) => console.log(String(data)));
    }).end();`;

  test('the control plane answers under its own address', async () => {
    expect(await inside(connectTo(controlPlane.port))).toBe('control plane\n');
  });

  test(verifies('I2-sup-egress', 'another port of the machine refuses, and is never asked'), async () => {
    expect(await inside(connectTo(forbidden.port))).toBe('ECONNREFUSED\n');
    expect(forbidden.connections()).toBe(0);
  });

  test(verifies('I2-sup-egress', 'an address of the outside has no way to it'), async () => {
    expect(await inside(connectTo(80, '192.0.2.1'))).toBe('ENETUNREACH\n');
  });

  test(verifies('I2-sup-egress', 'the proxy opens a tunnel to an allowed host'), async () => {
    const answer = await inside(tunnel(`127.0.0.1:${sitePort}`));
    expect(answer).toMatch(/^200/);
    expect(answer).toContain('site GET /in-tunnel inner');
  });

  test(
    verifies(
      'I2-sup-egress',
      'the proxy refuses what is not listed, and a listed name that leads to a private address',
    ),
    async () => {
      expect(await inside(tunnel(`127.0.0.1:${forbidden.port}`))).toContain(
        'is not on the allow list of this workspace',
      );
      expect(await inside(tunnel(`localhost:${sitePort}`))).toContain('leads to an address that is not public');
      expect(await inside(tunnel('not-a-target'))).toMatch(/^403Molecule/);
    },
  );

  test('plain HTTP goes through the proxy with the host header of its address', async () => {
    const script = (port: number) => `
      const proxy = new URL(process.env.HTTP_PROXY);
      require('node:http').get({ host: proxy.hostname, port: proxy.port, path: 'http://127.0.0.1:${port}/a?b=1', headers: { host: 'forged' } }, (answer) => {
        console.log(answer.statusCode); answer.on('data', (data) => console.log(String(data)));
      });`;
    expect(await inside(script(sitePort))).toBe(`200\nsite GET /a?b=1 127.0.0.1:${sitePort}\n`);
    expect(await inside(script(forbidden.port))).toMatch(/^403\n/);
  });

  test('turns of one box share its loopback, other boxes do not', async () => {
    const other = await createSandbox(box.policy());
    const listen = `require('node:net').createServer((socket) => socket.end('neighbour')).listen(4100, '127.0.0.1', () => console.log('listening'));`;
    const server = await runInGroup(node(listen, box.own), { sandbox });
    for await (const event of server.output) if (event.type === 'line') break;
    expect(await inside(connectTo(4100))).toBe('neighbour\n');
    expect((await runToEnd(node(connectTo(4100), box.own), { sandbox: other })).stdout).toBe('ECONNREFUSED\n');
    await server.end({ graceMs: 1_000 });
    other.close();
  });
});

describe('the egress rule', () => {
  const allowed = [
    { host: 'api.example.com', port: 443 },
    { host: '*.example.org', port: 443 },
    { host: 'inside', port: 80, privateAddress: true },
  ];
  const decide = (host: string, port: number, ...addresses: string[]) =>
    decideEgress(allowed, host, port, async () => addresses);

  test('allows exact names and names below a starred one, on their port', async () => {
    expect(await decide('API.example.com.', 443, '93.184.216.34')).toEqual({ allowed: true, address: '93.184.216.34' });
    expect(await decide('a.b.example.org', 443, '2606:2800:220:1::1')).toMatchObject({ allowed: true });
    expect(await decide('inside', 80, '10.0.0.5')).toEqual({ allowed: true, address: '10.0.0.5' });
    for (const [host, port] of [
      ['example.org', 443],
      ['evil-example.org', 443],
      ['api.example.com', 80],
      ['api.example.com.evil.net', 443],
    ] as const) {
      expect(await decide(host, port, '93.184.216.34')).toMatchObject({ allowed: false });
    }
  });

  test('refuses a name if any of its addresses is special', async () => {
    expect(await decide('api.example.com', 443, '93.184.216.34', '169.254.169.254')).toMatchObject({ allowed: false });
    expect(await decide('api.example.com', 443)).toMatchObject({ allowed: false });
    expect(
      await decideEgress(allowed, 'api.example.com', 443, () => Promise.reject(new Error('no DNS'))),
    ).toMatchObject({ allowed: false });
  });

  test.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.31.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '255.255.255.255',
    '224.0.0.1',
    '::1',
    '::',
    'fe80::1',
    'fe80::1%eth0',
    'fd00::1',
    '::ffff:127.0.0.1',
    '::ffff:a9fe:a9fe',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    'ff02::1',
    '::127.0.0.1',
    'name',
    '',
  ])('%s is not public', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  test.each(['1.1.1.1', '93.184.216.34', '2606:4700::1111', '::ffff:8.8.8.8'])('%s is public', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });
});

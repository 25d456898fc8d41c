import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { verifies } from '@molecule/testkit/verifies';
import { expect, onTestFinished, test } from 'vitest';
import { startGateway } from './gateway-house.ts';
import { KEY, upstreamsOf } from './upstreams-of.ts';

/** A provider that notes the raw headers of each request it gets. */
async function provider(): Promise<{ readonly url: string; readonly seen: string[][] }> {
  const seen: string[][] = [];
  const server = createServer((request, response) => {
    seen.push(request.rawHeaders);
    request.resume().on('end', () => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end('{"type":"message","model":"m","content":[],"usage":{"input_tokens":1,"output_tokens":1}}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo; // listening on TCP
  return { url: `http://127.0.0.1:${port}`, seen };
}

/** Sends bytes as they are, gives all that comes back. */
function raw(url: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    socket.setEncoding('utf8').on('data', (text: string) => (answer += text));
    socket.on('close', () => resolve(answer));
    socket.on('error', () => resolve(answer));
  });
}

const BODY = JSON.stringify({ model: 'claude-sonnet-4-5', max_tokens: 5, messages: [{ role: 'user', content: 'hi' }] });

test(
  verifies(
    ['I5-bad-ssrf', 'I5-key'],
    'smuggled requests and headers: what is ambiguous is refused, and nothing but the passed headers and the key reaches the provider',
  ),
  async () => {
    const up = await provider();
    const house = await startGateway({}, { upstreams: upstreamsOf(up.url) });
    const box = await house.box('smuggler');
    const { host } = new URL(house.url);
    const request = (headers: readonly string[], body: string): string =>
      [
        'POST /llm/anthropic/v1/messages HTTP/1.1',
        `host: ${host}`,
        `authorization: Bearer ${box.token}`,
        'content-type: application/json',
        'connection: close',
        ...headers,
        '',
        body,
      ].join('\r\n');
    const second = `GET /llm/anthropic/v1/models HTTP/1.1\r\nhost: ${host}\r\n\r\n`;
    const ambiguous = [
      request([`content-length: ${BODY.length}`, 'transfer-encoding: chunked'], `0\r\n\r\n${second}`),
      request([`content-length: ${BODY.length}`, 'content-length: 3'], BODY),
      request([`content-length: ${BODY.length}`, 'x-one: a\n b'], BODY),
      request([`content-length: ${BODY.length}`, 'anthropic-beta: a\rx-api-key: mine'], BODY),
      request([`content-length: ${BODY.length}`, 'anthropic-beta : a'], BODY),
    ];
    for (const bytes of ambiguous) expect(await raw(house.url, bytes)).toMatch(/^HTTP\/1\.1 400 /);
    expect(up.seen).toEqual([]);

    const passed = await raw(
      house.url,
      request(
        [
          `content-length: ${BODY.length}`,
          'x-api-key: from-the-box',
          'X-Goog-Api-Key: from-the-box',
          'x-forwarded-for: 10.0.0.1',
          'proxy-authorization: Basic eA==',
          'cookie: a=b',
          'anthropic-beta: one',
        ],
        BODY,
      ),
    );
    expect(passed).toMatch(/^HTTP\/1\.1 200 /);
    const [headers = []] = up.seen;
    const names = headers.filter((_, at) => at % 2 === 0).map((name) => name.toLowerCase());
    expect(names.sort()).toEqual(
      ['accept-encoding', 'anthropic-beta', 'connection', 'content-length', 'content-type', 'host', 'x-api-key'].sort(),
    );
    expect(headers[headers.findIndex((name) => name.toLowerCase() === 'x-api-key') + 1]).toBe(KEY);
    expect(headers.join(' ')).not.toContain(box.token);
  },
);

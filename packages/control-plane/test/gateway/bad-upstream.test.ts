import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { verifies } from '@molecule/testkit/verifies';
import { expect, onTestFinished, test } from 'vitest';
import { call, type PlaneOptions, until } from '../plane.ts';
import { requestOf, send, startGateway, usageTotal } from './gateway-house.ts';
import { KEY, upstreamsOf } from './upstreams-of.ts';

const START =
  'event: message_start\ndata: {"type":"message_start","message":{"model":"m","usage":{"input_tokens":11,"output_tokens":1}}}\n\n';
const DELTA =
  'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"hello"}}\n\n';
const END =
  'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":5}}\n\nevent: message_stop\ndata: {"type":"message_stop"}\n\n';

/** A provider that does what it is told, attempt by attempt (the last one again and again). */
async function provider(
  ...attempts: ((request: IncomingMessage, response: ServerResponse) => void)[]
): Promise<{ url: string; calls: () => number; gone: () => number }> {
  let [calls, gone] = [0, 0];
  const server = createServer((request, response) => {
    calls += 1;
    response.on('close', () => {
      gone += response.writableFinished ? 0 : 1;
    });
    const act = attempts[Math.min(calls, attempts.length) - 1];
    request.resume().on('end', () => act?.(request, response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo; // listening on TCP
  return { url: `http://127.0.0.1:${port}`, calls: () => calls, gone: () => gone };
}

async function houseAt(url: string, options: PlaneOptions = {}) {
  const house = await startGateway({}, { ...options, upstreams: upstreamsOf(url) });
  return { house, box: await house.box('box') };
}

const stream =
  (...parts: string[]) =>
  (_: IncomingMessage, response: ServerResponse): void => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const part of parts) response.write(part);
  };

test(
  verifies(
    ['I5-retry'],
    'what a provider asks to be tried later is tried again before the first byte, as late as it wishes, and counted once',
  ),
  async () => {
    const busy = (_: IncomingMessage, response: ServerResponse): void =>
      void response.writeHead(529, { 'retry-after': '0' }).end('{}');
    const up = await provider(busy, busy, (request, response) => {
      stream(START, DELTA, END)(request, response);
      response.end();
    });
    const { house, box } = await houseAt(up.url);
    const answer = await send(house.url, box.token, requestOf('anthropic', 'hi', true));
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain('message_stop');
    expect(up.calls()).toBe(3);
    expect(await usageTotal(house)).toMatchObject({ requests: 1, inputTokens: 11, outputTokens: 5, failedRequests: 0 });
  },
);

test(
  verifies(
    ['I5-bad-upstream', 'I5-meter'],
    "a stream that breaks, is not valid or falls silent ends with an error in the protocol's shape, and is charged for what came",
  ),
  async () => {
    const cases = [
      stream(START, DELTA, 'data: {"type":"content_block_delta","delta":{"text":\n\n'),
      (request: IncomingMessage, response: ServerResponse) => {
        stream(START, DELTA)(request, response);
        setImmediate(() => response.destroy());
      },
      (request: IncomingMessage, response: ServerResponse) => {
        stream(START, DELTA)(request, response);
        response.end();
      },
      stream(START, DELTA),
    ];
    for (const act of cases) {
      const up = await provider(act);
      const { house, box } = await houseAt(up.url, { gateway: { silenceMs: 300 } });
      const answer = await send(house.url, box.token, requestOf('anthropic', 'hi', true));
      const text = await answer.text();
      expect(text).toContain('hello');
      expect(text.trimEnd().split('\n').at(-1)).toMatch(/^data: \{"type":"error","error":\{"type":"api_error"/);
      expect(up.calls()).toBe(1);
      expect(await usageTotal(house)).toMatchObject({
        requests: 1,
        inputTokens: 11,
        estimatedRequests: 1,
        failedRequests: 1,
      });
    }
  },
);

test(
  verifies(
    ['I5-bad-upstream', 'I5-retry'],
    'a provider that hangs, refuses connections or closes before an answer gives a typed error; a breaker then leaves it alone',
  ),
  async () => {
    const hanging = await provider(() => {});
    const first = await houseAt(hanging.url, { gateway: { firstByteMs: 200 } });
    const timeout = await send(first.house.url, first.box.token, requestOf('anthropic', 'hi', true));
    expect([timeout.status, await timeout.json()]).toMatchObject([504, { error: { type: 'timeout_error' } }]);
    const nobody = await houseAt('http://127.0.0.1:9');
    const statuses: number[] = [];
    for (let at = 0; at < 3; at += 1) {
      const answer = await send(nobody.house.url, nobody.box.token, requestOf('anthropic', 'hi', true));
      statuses.push(answer.status);
      await answer.text();
    }
    expect(statuses).toEqual([502, 529, 529]);
    const closing = await provider((request) => request.socket.destroy());
    const third = await houseAt(closing.url);
    const broken = await send(third.house.url, third.box.token, requestOf('openai-chat', 'hi', false, 'claude'));
    expect(broken.status).toBe(404);
    const cut = await send(third.house.url, third.box.token, requestOf('anthropic', 'hi', false));
    expect(cut.status).toBe(502);
    expect(closing.calls()).toBe(1);
  },
);

test(
  verifies(
    ['I5-stream', 'I5-bad-token'],
    'a cancel reaches the provider, and a revoked token ends a stream that the provider holds open',
  ),
  async () => {
    const up = await provider(stream(START, DELTA));
    const { house, box } = await houseAt(up.url);
    const leave = new AbortController();
    const left = await send(house.url, box.token, requestOf('anthropic', 'hi', true), leave.signal);
    await left.body?.getReader().read();
    leave.abort();
    await until(
      async () => up.gone(),
      (gone) => gone === 1,
    );
    const answer = await send(house.url, box.token, requestOf('anthropic', 'hi', true));
    const reader = answer.body?.getReader();
    await reader?.read();
    await house.db.updateTable('tokens').set({ revoked_at: new Date() }).where('id', '=', box.tokenId).execute();
    for (let done = false; !done; ) done = (await reader?.read())?.done !== false;
    await until(
      async () => up.gone(),
      (gone) => gone === 2,
    );
  },
);

test(
  verifies(
    ['I5-bad-token', 'I5-bad-ssrf'],
    "wrong tokens, foreign tokens and oversized bodies are refused in the protocol's shape, and nothing is leaked",
  ),
  async () => {
    const { house, box } = await houseAt('http://127.0.0.1:9');
    const wrong = await send(house.url, 'mol_box_wrong', requestOf('anthropic', 'hi', true));
    expect([wrong.status, await wrong.json()]).toMatchObject([
      401,
      { type: 'error', error: { type: 'authentication_error' } },
    ]);
    const owner = await send(house.url, house.ownerToken, requestOf('openai-responses', 'hi', true));
    expect([owner.status, await owner.json()]).toMatchObject([403, { error: { code: 'permission_denied' } }]);
    const huge = await send(house.url, box.token, {
      ...requestOf('anthropic', 'x'.repeat(33 * 1024 * 1024), true),
    }).catch(() => null);
    if (huge !== null)
      expect([huge.status, await huge.json()]).toMatchObject([413, { error: { type: 'request_too_large' } }]);
    const broken = await fetch(`${house.url}/llm/anthropic/v1/messages`, {
      method: 'POST',
      headers: { authorization: `Bearer ${box.token}` },
      body: '{"model":',
    });
    expect(broken.status).toBe(400);
  },
);

test(
  verifies(
    ['I5-status-follows', 'I5-key'],
    "a refused key and an ended quota are told in words without the provider's own, and the workspace says so at once and recovers by itself",
  ),
  async () => {
    let wellNow = false;
    const up = await provider((request, response) => {
      if (!wellNow)
        return void response
          .writeHead(401, { 'content-type': 'application/json' })
          .end(`{"error":{"message":"invalid x-api-key ${KEY}"}}`);
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end('{"type":"message","model":"m","content":[],"usage":{"input_tokens":1,"output_tokens":1}}');
      void request;
    });
    const { house, box } = await houseAt(up.url);
    await house.db
      .updateTable('workspaces')
      .set({
        registered_at: new Date(),
        boot_enrolled_at: new Date(),
        online_at: new Date(),
        self_report: '{"configuration_status":"ready"}',
      })
      .where('id', '=', box.workspaceId)
      .execute();
    const answer = await send(house.url, box.token, requestOf('anthropic', 'hi', true));
    const text = await answer.text();
    expect(answer.status).toBe(403);
    expect(text).not.toContain(KEY);
    expect(text).toContain('refuses the stored key');
    const signal = async () =>
      (await call(house.url, house.ownerToken, 'GET', `/api/v1/workspaces/${box.workspaceId}`)).body;
    expect(await until(signal, (row) => row.status === 'degraded')).toMatchObject({
      signals: { responsiveness: { status: 'failed', reason: 'credential_refused' } },
    });
    wellNow = true;
    house.clock.pass(60_000);
    expect(await until(signal, (row) => row.status === 'online')).toMatchObject({
      signals: { responsiveness: { status: 'ok' } },
    });
  },
);

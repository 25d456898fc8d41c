import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifies } from '@molecule/testkit/verifies';
import { expect, onTestFinished, test } from 'vitest';
import { toolsOfMode } from '../../src/index.ts';
import { launcherScriptPath } from '../../src/launcher/launcher-path.ts';
import { answerJson, environmentFor, type Received, startPipe, startServer } from './pipe.ts';

const call = (id: number | string, params: unknown = {}) => ({ jsonrpc: '2.0', id, method: 'tools/call', params });

test(
  verifies(
    'I2-mcp-pipe',
    'what goes in comes out on the other side, byte for byte in meaning, with token, mode and nonce as headers',
  ),
  async () => {
    const seen: Received[] = [];
    const server = await startServer((received) => {
      seen.push(received);
      answerJson(received, { echoed: received.message.params });
    });
    const pipe = startPipe({ ...environmentFor(server.url), MOLECULE_PROOF_NONCE: 'nonce-1' });
    const params = { text: 'ü\u2028 "\\ 𝄞', nested: [1, null, { a: true }] };
    pipe.send(call('a-1', params));
    expect(await pipe.until(({ id }) => id === 'a-1')).toEqual({
      jsonrpc: '2.0',
      id: 'a-1',
      result: { echoed: params },
    });
    expect(seen[0]?.headers).toMatchObject({
      authorization: 'Bearer mol_box_test',
      'molecule-mcp-mode': 'self',
      'molecule-proof': 'nonce-1',
      'content-type': 'application/json',
    });
  },
);

test(
  verifies(
    ['I2-mcp-pipe', 'B41'],
    'told a socket, it goes there, without a credential of its own; other tools go on as ever',
  ),
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'molecule-launcher-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const socket = join(folder, 'mcp');
    const seen: Received[] = [];
    await startServer((received) => {
      seen.push(received);
      answerJson(received, { here: true });
    }, socket);
    const env = {
      MOLECULE_MANAGEMENT_SOCKET: socket,
      MOLECULE_API_KEY: 'mol_box_test',
      MOLECULE_API_URL: 'http://127.0.0.1:9',
    };
    const pipe = startPipe({ ...env, MOLECULE_MCP_MODE: 'management', MOLECULE_PROOF_NONCE: 'nonce-1' });
    pipe.send(call(1));
    expect(await pipe.until(({ id }) => id === 1)).toMatchObject({ result: { here: true } });
    expect(seen[0]?.headers).toMatchObject({ 'molecule-mcp-mode': 'management', 'molecule-proof': 'nonce-1' });
    expect(seen[0]?.headers.authorization).toBeUndefined();
    // The socket serves the management tools alone.
    const { url } = await startServer((received) => answerJson(received, { elsewhere: true }));
    const other = startPipe({ ...env, MOLECULE_API_URL: url, MOLECULE_MCP_MODE: 'self' });
    other.send(call(2));
    expect(await other.until(({ id }) => id === 2)).toMatchObject({ result: { elsewhere: true } });
    const unfilled = startPipe({
      MOLECULE_MANAGEMENT_SOCKET: '${MOLECULE_MANAGEMENT_SOCKET}',
      MOLECULE_MCP_MODE: 'management',
    });
    expect(await unfilled.exited).toBe(2);
  },
);

test(verifies('I2-mcp-pipe', 'it holds no tool of its own'), () => {
  const script = readFileSync(launcherScriptPath(), 'utf8');
  for (const name of [...toolsOfMode('management').keys(), ...toolsOfMode('self').keys()])
    expect(script).not.toContain(name);
});

test(verifies('I2-mcp-pipe', 'events of a stream come out as they come in, before the answer'), async () => {
  const server = await startServer(({ message, reply }) => {
    reply.writeHead(200, { 'content-type': 'text/event-stream' });
    const event = (body: unknown): string => `event: message\r\ndata: ${JSON.stringify(body)}\r\n\r\n`;
    const progress = event({
      jsonrpc: '2.0',
      method: 'notifications/progress',
      params: { progressToken: 1, progress: 1 },
    });
    reply.write(progress.slice(0, 20));
    setImmediate(() =>
      reply.end(progress.slice(20) + event({ jsonrpc: '2.0', id: message.id, result: { done: true } })),
    );
  });
  const pipe = startPipe(environmentFor(server.url));
  pipe.send(call(7));
  await pipe.until(({ id }) => id === 7);
  expect(pipe.lines.map((line) => (JSON.parse(line) as { method?: string }).method)).toEqual([
    'notifications/progress',
    undefined,
  ]);
});

test.each(['$MOLECULE_API_KEY', '${MOLECULE_API_KEY}', '{env:MOLECULE_API_KEY}', '%MOLECULE_API_KEY%', ''])(
  verifies(
    ['I2-mcp-pipe', 'I3-env-placeholder'],
    'a token that the runtime did not fill in (%s) is refused at the start, with what to do',
  ),
  async (value) => {
    const pipe = startPipe({ ...environmentFor('http://127.0.0.1:9'), MOLECULE_API_KEY: value });
    expect(await pipe.exited).toBe(2);
    expect(pipe.lines).toEqual([]);
    expect(pipe.stderr()).toMatch(/MOLECULE_API_KEY .*(not set|not expanded)/);
  },
);

test(
  verifies('I2-mcp-pipe', 'a server that has gone is an error answer after a few tries, and the pipe lives on'),
  async () => {
    const server = await startServer((received) => answerJson(received, {}));
    const pipe = startPipe(environmentFor(server.url));
    await server.close();
    pipe.send(call(1));
    expect((await pipe.until(({ id }) => id === 1)).error?.message).toMatch(/cannot be reached \(ECONNREFUSED\)/);
    expect(pipe.child.exitCode).toBeNull();
  },
);

test(
  verifies('I2-mcp-pipe', 'a connection that breaks before the answer is an error answer, not silence'),
  async () => {
    const server = await startServer(({ message, reply }) => {
      if (message.id === 1) reply.destroy();
      else {
        reply.writeHead(200, { 'content-type': 'text/event-stream' });
        reply.write('data: {"jsonrpc":"2.0"');
        setImmediate(() => reply.destroy());
      }
    });
    const pipe = startPipe(environmentFor(server.url));
    for (const id of [1, 2]) {
      pipe.send(call(id));
      expect((await pipe.until((message) => message.id === id)).error).toMatchObject({ code: -32000 });
    }
  },
);

test(
  verifies('I2-mcp-pipe', 'a refusal of the control plane comes out in the words of the protocol, with its hint'),
  async () => {
    const server = await startServer(({ reply }) => {
      reply.writeHead(401, { 'content-type': 'application/problem+json' });
      reply.end(
        JSON.stringify({
          status: 401,
          code: 'token_revoked',
          detail: 'The token was revoked.',
          hint: 'Make a new one.',
        }),
      );
    });
    const pipe = startPipe(environmentFor(server.url));
    pipe.send(call(1));
    expect((await pipe.until(({ id }) => id === 1)).error?.message).toBe('The token was revoked. Make a new one.');
  },
);

test(
  verifies('I2-mcp-pipe', 'a control plane that is not ready yet is asked again, and only its answer comes out'),
  async () => {
    let asked = 0;
    const server = await startServer((received) => {
      asked += 1;
      if (asked > 2) return answerJson(received, { asked });
      received.reply.writeHead(503, { 'content-type': 'application/problem+json' });
      received.reply.end(JSON.stringify({ status: 503, code: 'database_unavailable', detail: 'away', hint: 'wait' }));
    });
    const pipe = startPipe(environmentFor(server.url));
    pipe.send(call(1));
    pipe.child.stdin.end();
    expect(await pipe.exited).toBe(0);
    expect(pipe.lines.map((line) => JSON.parse(line))).toEqual([{ jsonrpc: '2.0', id: 1, result: { asked: 3 } }]);
  },
);

test(verifies('I2-mcp-pipe', 'a cancelled request ends at the server and gets no answer; others go on'), async () => {
  const hanging: Received[] = [];
  const server = await startServer((received) => {
    if (received.message.id === 1) hanging.push(received);
    else answerJson(received, {});
  });
  const pipe = startPipe(environmentFor(server.url));
  pipe.send(call(1));
  pipe.send(call(2));
  await pipe.until(({ id }) => id === 2);
  await expect.poll(() => hanging.length).toBe(1);
  pipe.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } });
  await hanging[0]?.gone;
  pipe.send(call(3));
  await pipe.until(({ id }) => id === 3);
  expect(pipe.lines.some((line) => (JSON.parse(line) as { id?: unknown }).id === 1)).toBe(false);
});

test(verifies('I2-mcp-pipe', 'ten megabytes pass both ways whole'), async () => {
  const text = randomBytes(5 * 1024 * 1024).toString('hex');
  const server = await startServer((received) => answerJson(received, { text: received.message.params?.['text'] }));
  const pipe = startPipe(environmentFor(server.url));
  pipe.send(call(1, { text }));
  expect((await pipe.until(({ id }) => id === 1)).result?.['text'] === text).toBe(true);
});

test(
  verifies('I2-mcp-pipe', 'lines that are no messages are answered or passed over, and never break what follows'),
  async () => {
    const server = await startServer((received) => answerJson(received, {}));
    const pipe = startPipe(environmentFor(server.url));
    pipe.raw('this is not json\n\n   \r\n{"half":\n');
    pipe.raw('null\n42\n"text"\n[]\n');
    pipe.raw(`${JSON.stringify(call(1)).slice(0, 10)}`);
    pipe.raw(`${JSON.stringify(call(1)).slice(10)}\r\n`);
    await pipe.until(({ id }) => id === 1);
    const errors = pipe.lines
      .map((line) => JSON.parse(line) as { error?: { code: number } })
      .filter(({ error }) => error !== undefined);
    expect(errors.filter(({ error }) => error?.code === -32700)).toHaveLength(2);
    expect(pipe.child.exitCode).toBeNull();
  },
);

test(verifies('I2-mcp-pipe', 'fifty requests at once are answered each with its own answer'), async () => {
  const server = await startServer((received) =>
    setTimeout(() => answerJson(received, { of: received.message.id }), Math.random() * 20),
  );
  const pipe = startPipe(environmentFor(server.url));
  for (let id = 0; id < 50; id += 1) pipe.send(call(id));
  for (let id = 0; id < 50; id += 1)
    expect((await pipe.until((message) => message.id === id)).result).toEqual({ of: id });
  expect(pipe.lines).toHaveLength(50);
});

test(
  verifies('I2-mcp-pipe', 'the end of stdin lets what is outstanding be answered, then it ends with 0'),
  async () => {
    const asked: Received[] = [];
    const server = await startServer((received) => void asked.push(received));
    const pipe = startPipe(environmentFor(server.url));
    pipe.send(call(1));
    pipe.send(call(2));
    pipe.child.stdin.end();
    await expect.poll(() => asked.length).toBe(2);
    for (const received of asked) answerJson(received, {});
    expect(await pipe.exited).toBe(0);
    expect(pipe.lines).toHaveLength(2);
  },
);

test(verifies('I2-mcp-pipe', 'an agent that goes away takes it along'), async () => {
  let arrived = false;
  const server = await startServer(() => {
    arrived = true;
  });
  const pipe = startPipe(environmentFor(server.url));
  pipe.send(call(1));
  await expect.poll(() => arrived).toBe(true);
  pipe.child.kill('SIGTERM');
  expect(await pipe.exited).toBe(0);
});

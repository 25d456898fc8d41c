import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { createScriptedModel, PROTOCOL_IDS, type ProtocolId } from '@molecule/models';
import { createNodeSink } from '@molecule/models/server';
import { verifies } from '@molecule/testkit/verifies';
import { sql } from 'kysely';
import { expect, onTestFinished, test } from 'vitest';
import { createLogger } from '../../src/index.ts';
import { call, type Plane, until } from '../plane.ts';
import { MODEL_FOR, requestOf, send, startGateway, type TestCaller, usageTotal } from './gateway-house.ts';
import { upstreamsOf } from './upstreams-of.ts';

const ASKED = 'WORDS-OF-THE-REQUEST-4711';
const ANSWERED = 'WORDS-OF-THE-ANSWER-0815';
const SILENCE_MS = 300;

/** What a provider may do to a call besides answering it; between those that count as no answer there is one, so that no breaker opens. Each repeats what it was asked, as providers do in their errors. */
const DEEDS: Record<string, (response: ServerResponse) => void> = {
  refuses: (response) => void response.writeHead(400).end(`{"error":{"message":"${ASKED} ${ANSWERED}"}}`),
  'says nothing': () => {},
  'refuses the key': (response) => void response.writeHead(401).end(`{"error":{"message":"${ASKED} ${ANSWERED}"}}`),
  'hangs up': (response) => void response.socket?.destroy(),
  'breaks off': (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(`data: {"text":"${ANSWERED}"}\n\n`);
    setImmediate(() => response.destroy());
  },
  'is broken': (response) => void response.writeHead(501).end(`${ASKED} ${ANSWERED}`),
  'has no quota': (response) =>
    void response.writeHead(429).end(`{"error":{"code":"insufficient_quota","message":"${ASKED} ${ANSWERED}"}}`),
  'sends nonsense': (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(`data: {"text":"${ANSWERED} ${ASKED}\n\n`);
  },
  'falls silent': (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(`data: {"text":"${ANSWERED}"}\n\n`);
  },
};

/** A provider that does what the request's own words name, and otherwise answers. */
async function provider(): Promise<{ url: string; seen: () => number }> {
  const model = createScriptedModel({ script: [{ text: ['so ', ANSWERED, ' it is'] }] });
  let seen = 0;
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      if (body.includes(ASKED)) seen += 1;
      const deed = DEEDS[/do: ([a-z ]+)!/.exec(body)?.[1] ?? ''];
      if (deed !== undefined) return deed(response);
      const { method = '', url = '', headers } = request;
      return model.handle({ method, path: url, headers, body }, createNodeSink(response));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo; // listening on TCP
  return { url: `http://127.0.0.1:${port}`, seen: () => seen };
}

/** Tables with a row that holds the text. */
async function tablesWith(house: Plane, text: string): Promise<string[]> {
  const tables = await sql<{ name: string }>`
    select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'public' and c.relkind in ('r', 'p')`.execute(
    house.db,
  );
  expect(tables.rows.length).toBeGreaterThan(20);
  const found: string[] = [];
  for (const { name } of tables.rows) {
    const rows = await sql`select 1 from ${sql.table(name)} t where t::text like ${`%${text}%`} limit 1`.execute(
      house.db,
    );
    if (rows.rows.length > 0) found.push(name);
  }
  return found;
}

function filesWith(folder: string, text: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => readFileSync(path).includes(text));
}

test(verifies(
  'I5-bodies',
  'what is asked and answered, in every protocol and however it ends, is in no log line, no row and no file',
), { timeout: 120_000 }, async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'molecule-bodies-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  let logged = '';
  const sink = new Writable({
    write: (chunk, _, done) => {
      logged += String(chunk);
      done();
    },
  });
  const up = await provider();
  const house = await startGateway(
    {},
    {
      dataDir,
      log: createLogger('trace', sink),
      upstreams: upstreamsOf(up.url),
      gateway: { silenceMs: SILENCE_MS, firstByteMs: SILENCE_MS },
    },
  );
  const answers: string[] = [];
  const ask = async (...args: Parameters<typeof send>): Promise<void> => {
    const answer = await send(...args);
    answers.push(await answer.text().catch((error: unknown) => String(error)));
  };
  const both = (box: TestCaller, protocol: ProtocolId, words: string) =>
    Promise.all([false, true].map((stream) => ask(house.url, box.token, requestOf(protocol, words, stream))));
  for (const protocol of PROTOCOL_IDS) {
    for (const deed of Object.keys(DEEDS))
      await both(await house.box(`${protocol} ${deed}`, MODEL_FOR[protocol]), protocol, `${ASKED} do: ${deed}!`);
    const box = await house.box(`${protocol} ours`, MODEL_FOR[protocol]);
    await both(box, protocol, ASKED);
    const line = requestOf(protocol, ASKED, true);
    await ask(house.url, 'mol_box_wrong', line);
    await ask(house.url, box.token, requestOf(protocol, ASKED, true, 'a-model-of-nobody'));
    await ask(house.url, box.token, { ...line, path: `${line.path.split('/v1')[0] ?? ''}/v1/nothing` });
    const cut = await fetch(house.url + line.path, {
      method: 'POST',
      headers: { authorization: `Bearer ${box.token}`, 'content-type': 'application/json' },
      body: `{"messages": "${ASKED}`,
    });
    answers.push(await cut.text());
    const budget = { scope: { kind: 'workspace', id: box.workspaceId }, unit: 'tokens', limit: 1, period: 'total' };
    await call(house.url, house.ownerToken, 'POST', '/api/v1/budgets', budget);
    await ask(house.url, box.token, line);
  }
  const huge = await house.box('huge');
  await ask(house.url, huge.token, requestOf('anthropic', ASKED.repeat(1_500_000), true)).catch(() => undefined);
  // The marks were really on their way, both ways.
  const calls = PROTOCOL_IDS.length * (Object.keys(DEEDS).length + 1) * 2;
  expect(up.seen()).toBeGreaterThanOrEqual(calls);
  expect(answers.filter((text) => text.includes(ANSWERED)).length).toBeGreaterThanOrEqual(calls / 3);
  // And what is kept of the calls is kept by now.
  await until(
    () => usageTotal(house),
    (total) => total['requests'] === calls,
  );
  expect(logged).not.toBe('');
  for (const mark of [ASKED, ANSWERED]) {
    expect(logged).not.toContain(mark);
    expect(await tablesWith(house, mark)).toEqual([]);
    expect(filesWith(dataDir, mark)).toEqual([]);
  }
});

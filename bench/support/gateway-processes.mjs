/**
 * The processes of the gateway's bench, each by the name in its first argument: `upstream` (a provider that answers in the wanted shape), `proxy` (a bare node
 * pass-through), `gateway` (a control plane on a PostgreSQL of its own) and `client`. They talk to the bench by messages.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const [role = '', to = '', budget = ''] = process.argv.slice(2);

const event = (type, data) => `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;
const START = event('message_start', {
  message: {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude-sonnet-4-5',
    content: [],
    stop_reason: null,
    usage: { input_tokens: 12, output_tokens: 1 },
  },
});
const DELTA = event('content_block_delta', {
  index: 0,
  delta: { type: 'text_delta', text: ' some more words of an answer' },
});
const END =
  event('message_delta', { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 40 } }) +
  event('message_stop', {});
const BODY = JSON.stringify({
  model: 'claude-sonnet-4-5',
  max_tokens: 100,
  stream: true,
  messages: [{ role: 'user', content: 'hello '.repeat(400) }],
});

// A bench that is broken off leaves no process behind; the gateway stops its database first.
if (role !== 'gateway') process.on('disconnect', () => process.exit(0));
await { upstream, proxy, gateway, client }[role]();

/** Answers in the shape it was told: `slow` (an event every 20 ms), `fast` (2,000 events as fast as they go), anything else (short). */
async function upstream() {
  let shape = 'slow';
  const server = http.createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(START);
      if (shape === 'slow') {
        let left = 25;
        const timer = setInterval(() => {
          left -= 1;
          if (left > 0) return void response.write(DELTA);
          clearInterval(timer);
          response.end(END);
        }, 20);
        response.on('close', () => clearInterval(timer));
      } else if (shape === 'fast') {
        let left = 2_000;
        const more = () => {
          while (left > 0) {
            left -= 1;
            if (!response.write(DELTA)) return void response.once('drain', more);
          }
          response.end(END);
        };
        more();
      } else response.end(DELTA.repeat(5) + END);
    });
  });
  process.on('message', (wanted) => {
    shape = wanted;
    process.send({ eventBytes: DELTA.length });
  });
  ready(server);
}

async function proxy() {
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send({ ms: (user + system) / 1000 });
  });
  const agent = new http.Agent({ keepAlive: true });
  ready(
    http.createServer((request, response) => {
      const call = http.request(
        to + request.url,
        { method: request.method, headers: request.headers, agent },
        (answer) => {
          response.writeHead(answer.statusCode, answer.headers);
          answer.pipe(response);
        },
      );
      request.pipe(call);
    }),
  );
}

async function gateway() {
  const { startManagedPostgres, openDatabase, migrate, mintToken } = await import('@molecule/store');
  const { createControlPlane, createLogger, ensureOrg } = await import('@molecule/control-plane');
  const { newId } = await import('@molecule/contracts');
  const dir = mkdtempSync(join(tmpdir(), 'molecule-bench-'));
  const quiet = { info: () => {}, warn: () => {} };
  const server = await startManagedPostgres({ dataDir: join(dir, 'database'), log: quiet });
  await migrate({ address: server.connection });
  const database = openDatabase({ address: server.connection });
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const plane = await createControlPlane({
    database,
    log: createLogger('error'),
    upstreams: new Map([['anthropic', { provider: 'anthropic', baseUrl: to, key: 'k', origin: 'bench' }]]),
    config: {
      host: '127.0.0.1',
      port: 0,
      version: 'bench',
      dataDir: dir,
      pluginsDir: join(root, 'plugins'),
      templatesDir: join(root, 'templates'),
    },
  });
  const settings = { runtime: 'bench-runtime', model: 'anthropic/claude-sonnet-4-5', modelAccess: 'gateway' };
  const org = await database.withTransaction((trx) =>
    ensureOrg(trx, plane.workspaces, {
      name: 'Bench',
      conciergeName: 'Concierge',
      settings,
      concierge: true,
      now: new Date(),
    }),
  );
  const token = await mintToken(database.kysely, {
    orgId: org.orgId,
    kind: 'box',
    name: 'bench',
    scopes: ['llm:use'],
    box: { workspaceId: org.concierge.id, workspaceKind: 'platform', bootId: newId() },
  });
  if (budget === 'budget') {
    await database.kysely
      .insertInto('budgets')
      .values({
        id: newId(),
        org_id: org.orgId,
        scope_kind: 'org',
        scope_id: org.orgId,
        unit: 'tokens',
        limit_units: 1e12,
        period: 'month',
        mode: 'hard',
        created_by: 'bench',
      })
      .execute();
  }
  const url = await plane.listen();
  const stop = async () => {
    await plane.stop();
    await database.close();
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
    process.exit(0);
  };
  process.on('disconnect', stop);
  process.on('message', async (ask) => {
    if (ask === 'cpu') {
      const { user, system } = process.cpuUsage();
      process.send({ ms: (user + system) / 1000 });
    } else if (ask === 'memory') {
      globalThis.gc?.();
      process.send({ memory: process.memoryUsage().rss, heap: process.memoryUsage().heapUsed });
    } else if (ask === 'usage') {
      await new Promise((resolve) => setTimeout(resolve, 500));
      const row = await database.kysely
        .selectFrom('usage')
        .select((eb) => [eb.fn.sum('requests').as('requests'), eb.fn.sum('output_tokens').as('output')])
        .executeTakeFirst();
      process.send({ usage: row });
    } else await stop();
  });
  process.send({ url: `${url}/llm/anthropic`, token: token.value });
}

/** Streams against one address: times to the first byte in ms, events and seconds. */
async function client() {
  process.on('message', async ({ url, token, concurrent, seconds, count }) => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: concurrent });
    const target = new URL(`${url}/v1/messages`);
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(BODY),
      'anthropic-version': '2023-06-01',
      authorization: `Bearer ${token}`,
    };
    const firsts = [];
    let [bytes, done, failed] = [0, 0, 0];
    const one = () =>
      new Promise((resolve) => {
        const begun = performance.now();
        const call = http.request(target, { method: 'POST', headers, agent }, (answer) => {
          if (answer.statusCode !== 200) failed += 1;
          answer.once('data', () => firsts.push(performance.now() - begun));
          answer.on('data', (chunk) => (bytes += chunk.length));
          answer.on('end', resolve);
          answer.on('error', resolve);
        });
        call.on('error', () => {
          failed += 1;
          resolve();
        });
        call.end(BODY);
      });
    const begun = performance.now();
    const end = begun + seconds * 1000;
    await Promise.all(
      Array.from({ length: concurrent }, async (_, at) => {
        // Not all in the same instant: agents do not begin together.
        if (count === undefined) await new Promise((resolve) => setTimeout(resolve, (at / concurrent) * 500));
        while (count === undefined ? performance.now() < end : done < count) {
          done += 1;
          await one();
        }
      }),
    );
    agent.destroy();
    process.send({ firsts, bytes, done, failed, seconds: (performance.now() - begun) / 1000 });
  });
  process.send('ready');
}

function ready(server) {
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1', () => process.send({ url: `http://127.0.0.1:${server.address().port}` }));
}

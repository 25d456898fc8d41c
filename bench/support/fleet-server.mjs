// A control plane of its own with many workspaces that are online, as if their boxes had booted long ago; forked by the benches of heartbeats.
//   argv: data directory, number of workspaces. Says { url, emptyUrl, boxes, postgres } to its parent, and answers { type: 'cost' } with its counts.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HeartbeatReply, HeartbeatRequest, newId } from '@molecule/contracts';
import { createControlPlane, createLogger, ensureOrg } from '@molecule/control-plane';
import { toolsOfMode } from '@molecule/management-mcp';
import { hashToken, migrate, openDatabase, startManagedPostgres } from '@molecule/store';
import { createApp } from '../../packages/control-plane/dist/kernel/app.js';

const [dataDir, count] = [process.argv[2], Number(process.argv[3])];
const root = fileURLToPath(new URL('../..', import.meta.url));
const server = await startManagedPostgres({
  dataDir: join(dataDir, 'database'),
  log: { info() {}, warn: console.error },
});
await migrate({ address: server.connection });
const database = openDatabase({ address: server.connection });
const config = {
  host: '127.0.0.1',
  port: 0,
  version: '0.0.0',
  dataDir,
  pluginsDir: `${root}/plugins`,
  templatesDir: `${root}/templates`,
  canvasDir: null,
};
const plane = await createControlPlane({
  database,
  log: createLogger('silent'),
  upstreams: new Map(),
  env: {},
  config,
});
const { services, workspaces } = plane;
const settings = { runtime: 'molecule-agent', model: 'demo/scripted', modelAccess: 'gateway' };
const org = await database.withTransaction((trx) =>
  ensureOrg(trx, workspaces, { name: 'bench', conciergeName: 'none', settings, concierge: false, now: new Date() }),
);

const now = new Date();
const boxes = Array.from({ length: count }, (_, n) => ({
  n,
  workspaceId: newId(),
  bootId: newId(),
  token: `mol_bench_${newId()}${newId()}`,
}));
const evidence = JSON.stringify({ tools: [...toolsOfMode('self').keys()] });
for (let from = 0; from < count; from += 500) {
  const part = boxes.slice(from, from + 500);
  const insert = (table, rows) => database.kysely.insertInto(table).values(rows).execute();
  await insert(
    'workspaces',
    part.map(({ n, workspaceId, bootId }) => ({
      id: workspaceId,
      org_id: org.orgId,
      name: `w${n}`,
      runtime: 'molecule-agent',
      template: 'blank-agent',
      status: 'online',
      boot_id: bootId,
      boot_started_at: now,
      boot_enrolled_at: now,
      registered_at: now,
      online_at: now,
      last_heartbeat_at: now,
      created_by: 'system',
    })),
  );
  await insert(
    'proofs',
    part.map(({ workspaceId, bootId }) => ({
      workspace_id: workspaceId,
      boot_id: bootId,
      server: 'a2a',
      rung: 'live',
      ok: true,
      reason: null,
      duration_ms: null,
      evidence,
    })),
  );
  await insert(
    'tokens',
    part.map(({ workspaceId, bootId, token }) => ({
      id: newId(),
      org_id: org.orgId,
      kind: 'box',
      name: 'box',
      hash: hashToken(token),
      preview: 'bench',
      scopes: ['box:run'],
      workspace_id: workspaceId,
      workspace_kind: 'workspace',
      boot_id: bootId,
    })),
  );
}

// The same server and schemas with nothing behind them: neither token nor database.
const empty = createApp(services);
empty.route({
  method: 'POST',
  url: '/api/v1/registry/heartbeat',
  schema: { body: HeartbeatRequest, response: { 200: HeartbeatReply } },
  handler: async () => ({ status: 'online', generation: 1, stop: null, prove: null, work: false }),
});
await empty.listen({ host: '127.0.0.1', port: 0 });

const transactions = async () => {
  // Sessions report their counts with a delay of up to a second.
  await new Promise((resolve) => setTimeout(resolve, 1200));
  const row = await database.kysely
    .selectFrom('pg_stat_database')
    .select(['xact_commit', 'xact_rollback'])
    .where('datname', '=', server.connection.database)
    .executeTakeFirstOrThrow();
  return Number(row.xact_commit) + Number(row.xact_rollback);
};
process.on('message', async ({ type, ids }) => {
  if (type === 'cost') process.send({ transactions: await transactions() });
  if (type === 'stored') {
    const rows = await database.kysely
      .selectFrom('workspaces')
      .select(['id', 'self_report', 'status'])
      .where('id', 'in', ids)
      .execute();
    process.send({ rows });
  }
  if (type === 'stop') await stop();
});
async function stop() {
  await empty.close();
  await plane.stop();
  await database.close();
  await server.stop();
  rmSync(dataDir, { recursive: true, force: true });
  process.exit(0);
}
// A bench that was killed leaves nothing behind.
process.once('disconnect', stop);
const url = await plane.listen();
process.send({ url, emptyUrl: `http://127.0.0.1:${empty.server.address().port}`, boxes });

import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from '../../node_modules/kysely/dist/index.js';
import { desiredPlugins } from '../../packages/domain/dist/index.js';
import { migrate, openDatabase, startManagedPostgres, wantedPluginsOf } from '../../packages/store/dist/index.js';

/** Fills a database with workspaces of three plugins each, and computes what each of them shall have, from rows to sets. */
export async function measureDesiredSets(count) {
  const folder = mkdtempSync(join(tmpdir(), 'molecule-bench-sets-'));
  chmodSync(folder, 0o711); // the database's own account has to pass through when we are root
  const server = await startManagedPostgres({
    dataDir: join(folder, 'database'),
    log: { info: () => undefined, warn: () => undefined },
  });
  const database = openDatabase({ address: server.connection, applicationName: 'bench' });
  try {
    await migrate({ address: server.connection });
    const db = database.kysely;
    await fill(db, count);
    const started = performance.now();
    const wanted = await wantedPluginsOf(db, 'all');
    const readMs = performance.now() - started;
    let servers = 0;
    for (const plugins of wanted.values())
      servers += desiredPlugins({ kind: 'workspace', protected: [], ...plugins }).servers.length;
    if (servers !== count * 3) throw new Error(`${servers} servers`);
    return { totalMs: performance.now() - started, readMs, servers };
  } finally {
    await database.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function fill(db, count) {
  await sql`insert into orgs (id, name) values (gen_random_uuid(), 'bench')`.execute(db);
  for (const [index, name] of ['alpha', 'beta', 'gamma'].entries()) {
    const server = {
      name,
      descriptor: { type: 'stdio', command: name, args: [], env: {} },
      required: false,
      requiredTools: [],
    };
    const manifest = {
      name,
      version: '1.0.0',
      title: name,
      description: '',
      entitlement: 'ordinary',
      required: false,
      servers: [server],
      skills: [],
      instructions: [],
      setup: null,
      runtimes: [],
      dropped: [],
    };
    await sql`insert into artifacts (digest, name, manifest, size_bytes, file_count) values (${`sha256:${String(index).repeat(64)}`}, ${name}, ${JSON.stringify(manifest)}, 1, 1)`.execute(
      db,
    );
  }
  await sql`insert into workspaces (id, org_id, name, runtime, created_by) select gen_random_uuid(), orgs.id, 'w' || n, 'molecule-agent', 'bench' from orgs, generate_series(1, ${count}) n`.execute(
    db,
  );
  await sql`insert into workspace_declared_plugins (workspace_id, workspace_kind, name, source, artifact, declared_by)
    select w.id, w.kind, a.name, 'github:o/' || a.name, a.digest, 'bench' from workspaces w, artifacts a where a.name in ('alpha', 'beta')`.execute(
    db,
  );
  await sql`insert into workspace_plugins (workspace_id, workspace_kind, name, source, artifact, resolved, installed_by)
    select w.id, w.kind, a.name, 'github:o/' || a.name, a.digest, 'x', 'bench' from workspaces w, artifacts a where a.name = 'gamma'`.execute(
    db,
  );
}

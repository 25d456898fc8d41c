import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { A2A_SERVER_NAME, MANAGEMENT_PLUGIN_NAME, MANAGEMENT_SERVER_NAME, newId } from '@molecule/contracts';
import { verifies } from '@molecule/testkit/verifies';
import { sql } from 'kysely';
import { expect, onTestFinished, test } from 'vitest';
import { call, type Plane, type Replica, startPlane, until } from '../plane.ts';
import { TestBox } from '../test-box.ts';

const PLUGINS = fileURLToPath(new URL('../../../../plugins', import.meta.url));
const NOTICE_MS = 600_000;
const SOAK_MS = 600_000;
const LIMIT = { timeout: 150_000 };

/** Background passes come seldom while nothing happens. */

/** The first-party plugins as the next version of Molecule would bring them. */
function nextVersion(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'molecule-next-plugins-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(PLUGINS, folder, { recursive: true });
  const file = join(folder, name, 'plugin.json');
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), version: '99.0.0' }));
  const servers = join(folder, name, 'mcp.json');
  writeFileSync(servers, readFileSync(servers, 'utf8').replace(/"env": \{/, '"env": { "NEXT": "1",'));
  return folder;
}

interface House {
  readonly plane: Plane;
  readonly boxes: ReadonlyMap<string, TestBox>;
  /** Molecule starts again, with the next version of a plugin. */
  upgrade(name: string): Promise<Replica>;
}

async function house(names: readonly string[]): Promise<House> {
  const dataDir = mkdtempSync(join(tmpdir(), 'molecule-protected-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  const plane = await startPlane({ dataDir });
  const host = await plane.host();
  const boxes = new Map<string, TestBox>();
  const concierge = await TestBox.enrol(plane, await host.next('start', plane.concierge));
  await concierge.register();
  boxes.set(plane.concierge, concierge);
  for (const name of names) {
    const id = await plane.create(name);
    const box = await TestBox.enrol(plane, await host.next('start', id));
    await box.register();
    boxes.set(id, box);
  }
  return {
    plane,
    boxes,
    upgrade: async (name) => {
      await plane.stop();
      return plane.replica({ pluginsDir: nextVersion(name) });
    },
  };
}

const ask = (plane: Plane, on: Replica, method: string, path: string, body?: unknown) =>
  call(on.url, plane.ownerToken, method, `/api/v1${path}`, body);

/** Whether the box's desired state has the plugin's server as the next version brings it. */
async function hasNext(on: Replica, box: TestBox | undefined, name: string): Promise<boolean> {
  const { body } = await call(on.url, box?.apiKey ?? '', 'GET', '/api/v1/registry/desired-state');
  return body.servers.find(({ plugin }: { plugin: string }) => plugin === name).descriptor.env.NEXT === '1';
}

async function prove(on: Replica, box: TestBox | undefined, server: string, ok = true): Promise<void> {
  const { generation } = (await call(on.url, box?.apiKey ?? '', 'GET', '/api/v1/registry/desired-state')).body;
  const proof = { server, rung: 'live', ok, reason: ok ? null : 'timeout', evidence: {}, durationMs: 1 };
  await box?.beat({ generation, proofs: [proof] }, on);
}

test(
  verifies(
    ['I4-rollout', 'B100', 'B101'],
    "the management plugin's own new version waits as a plan, goes to the concierge after its notice, soaks, and stays when it is proved",
  ),
  LIMIT,
  async () => {
    const { plane, boxes, upgrade } = await house([]);
    const concierge = boxes.get(plane.concierge);
    const next = await upgrade(MANAGEMENT_PLUGIN_NAME);
    expect(await hasNext(next, concierge, MANAGEMENT_PLUGIN_NAME)).toBe(false);
    const now = async () => (await ask(plane, next, 'GET', '/rollouts')).body.items[0];
    expect(await until(now, (rollout) => rollout !== undefined)).toMatchObject({
      state: 'planned',
      change: { plugin: MANAGEMENT_PLUGIN_NAME },
      canary: [plane.concierge],
      rest: [],
      difference: { version: { to: '99.0.0' } },
    });
    plane.clock.pass(NOTICE_MS + 1_000);
    await until(now, (rollout) => rollout.state === 'canary');
    expect(await hasNext(next, concierge, MANAGEMENT_PLUGIN_NAME)).toBe(true);
    await prove(next, concierge, MANAGEMENT_SERVER_NAME);
    await until(
      async () =>
        (await next.plane.services.db.selectFrom('rollouts').select('well_since').executeTakeFirstOrThrow()).well_since,
      (since) => since !== null,
    );
    expect((await now()).state).toBe('canary');
    plane.clock.pass(SOAK_MS + 1_000);
    await until(now, (rollout) => rollout.state === 'done');
    expect(await hasNext(next, concierge, MANAGEMENT_PLUGIN_NAME)).toBe(true);
  },
);

test(
  verifies(
    ['I4-rollout', 'B100', 'B101'],
    'a protected plugin that fails its proof in the canary goes back, the rest never had it, and it is not tried again by itself',
  ),
  LIMIT,
  async () => {
    const { plane, boxes, upgrade } = await house(['one', 'two', 'three']);
    const next = await upgrade(A2A_SERVER_NAME);
    const now = async () => (await ask(plane, next, 'GET', '/rollouts')).body.items[0];
    const { id, canary, rest } = await until(now, (rollout) => rollout !== undefined);
    expect([canary.length, rest.length]).toEqual([1, 3]);
    await ask(plane, next, 'POST', `/rollouts/${id}/start`);
    const having = async () => {
      const has = await Promise.all([...boxes.values()].map((box) => hasNext(next, box, A2A_SERVER_NAME)));
      return [...boxes.keys()].filter((_, at) => has[at] === true);
    };
    expect(await having()).toEqual(canary);
    await prove(next, boxes.get(canary[0]), A2A_SERVER_NAME, false);
    await until(now, (rollout) => rollout.state === 'rolled_back');
    expect(await having()).toEqual([]);
    plane.clock.pass(2 * NOTICE_MS);
    await prove(next, boxes.get(rest[0]), A2A_SERVER_NAME);
    expect((await ask(plane, next, 'GET', '/rollouts')).body.items).toHaveLength(1);
    // A new workspace has what this Molecule brings.
    const made = newId();
    await sql`insert into workspaces (id, org_id, name, kind, parent_id, runtime, created_by) values (${made}, ${plane.orgId}, 'new', 'workspace', ${plane.concierge}, 'test-runtime', 'test')`.execute(
      next.plane.services.db,
    );
    expect((await ask(plane, next, 'GET', `/workspaces/${made}/plugins`)).body.items).toContainEqual(
      expect.objectContaining({ name: A2A_SERVER_NAME, version: '99.0.0' }),
    );
  },
);

test(
  verifies(
    ['I4-rollout', 'B28', 'I4-entitle-one'],
    'a held version is no way to privilege: the schema refuses the row, and another artifact under a protected name counts for nothing',
  ),
  LIMIT,
  async () => {
    const { plane, boxes } = await house(['one']);
    const [one = ''] = [...boxes.keys()].filter((id) => id !== plane.concierge);
    const { digest } = await plane.db
      .selectFrom('artifacts')
      .select('digest')
      .where('name', '=', MANAGEMENT_PLUGIN_NAME)
      .executeTakeFirstOrThrow();
    const hold = (kind: string, privileged: boolean) =>
      sql`insert into held_plugins (workspace_id, workspace_kind, name, privileged, artifact) values (${one}, ${kind}, ${A2A_SERVER_NAME}, ${privileged}, ${digest})`.execute(
        plane.db,
      );
    await expect(hold('workspace', true)).rejects.toThrow('held_privileged_needs_platform');
    await expect(hold('workspace', false)).rejects.toThrow('foreign key');
    await expect(hold('platform', true)).rejects.toThrow('foreign key');
    const other = await plane.db
      .selectFrom('artifacts')
      .select('digest')
      .where('name', '=', 'seo-all')
      .executeTakeFirstOrThrow();
    await sql`insert into held_plugins (workspace_id, workspace_kind, name, privileged, artifact) values (${one}, 'workspace', ${A2A_SERVER_NAME}, false, ${other.digest})`.execute(
      plane.db,
    );
    const state = await call(plane.url, boxes.get(one)?.apiKey ?? '', 'GET', '/api/v1/registry/desired-state');
    expect(state.body.servers.map(({ name }: { name: string }) => name)).toEqual([A2A_SERVER_NAME]);
  },
);

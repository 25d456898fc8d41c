import { newId } from '@molecule/contracts';
import { verifies } from '@molecule/testkit/verifies';
import { sql } from 'kysely';
import { beforeEach, describe, expect, test } from 'vitest';
import { declarePlugin, type Executor, installPlugin, verifyAudit } from '../../src/index.ts';
import {
  CATALOGUE,
  type House,
  manifestOf,
  NOW,
  noting,
  ORDINARY_DIGEST,
  PRIVILEGED_DIGEST,
  pluginHouse,
  rowCounts,
} from './plugin-house.ts';

const RULES = { catalogue: CATALOGUE };

describe('entitlement at the chokepoint', () => {
  let house: House;
  beforeEach(async () => {
    house = await pluginHouse();
  });
  const declare = (
    db: Executor,
    workspaceId: string,
    name: string,
    source: string,
    artifact: string | null = null,
  ): Promise<void> =>
    declarePlugin(
      db,
      { orgId: house.orgId, workspaceId, name, source, protected: false, artifact, resolved: source, actor: 'user:1' },
      RULES,
      NOW,
    );
  const install = (db: Executor, workspaceId: string, name: string, source: string, artifact: string): Promise<void> =>
    installPlugin(
      db,
      { orgId: house.orgId, workspaceId, name, source, artifact, resolved: source, actor: 'user:1' },
      RULES,
      NOW,
    );
  const NONE = { declared: 0, installed: 0, audit: 0, events: 0 };

  test(
    verifies(
      ['T7', 'B24', 'B31', 'I4-entitle-audit'],
      'on the platform row: one read of the kind, one upsert, and an entry in the audit log',
    ),
    async () => {
      const { db, statements } = noting(house.db);
      await declare(db, house.concierge, 'molecule-platform-mcp', 'builtin:molecule-platform-mcp', PRIVILEGED_DIGEST);
      expect(statements.filter((each) => each === 'select workspaces')).toHaveLength(1);
      expect(statements.filter((each) => each.startsWith('insert into workspace_declared_plugins'))).toHaveLength(1);
      expect(await house.db.selectFrom('audit').select(['action', 'target', 'actor', 'data']).execute()).toEqual([
        {
          action: 'plugin.grant',
          target: house.concierge,
          actor: 'user:1',
          data: { plugin: 'molecule-platform-mcp', source: 'builtin:molecule-platform-mcp' },
        },
      ]);
      expect(await verifyAudit(house.db, house.orgId)).toMatchObject({ entries: 1, brokenAt: null });
    },
  );

  test.each([
    ['by name', 'molecule-platform-mcp', 'builtin:molecule-platform-mcp', null],
    [
      'by alias',
      'molecule-ai-plugin-molecule-platform-mcp',
      'github:house/molecule-ai-plugin-molecule-platform-mcp',
      null,
    ],
    ['by source in another form', 'mine', 'git+https://github.com/House/Platform_Tools.git#v9:sub', null],
    ['by content', 'mine', 'npm:mine@1.0.0', PRIVILEGED_DIGEST],
  ])(
    verifies(
      ['T8', 'T13', 'B23', 'B29', 'I4-entitle-zero', 'I4'],
      'declared on an ordinary workspace %s: refused, no row of any kind',
    ),
    async (_title, name, source, artifact) => {
      const rules = {
        catalogue: [
          ...CATALOGUE,
          { name: 'molecule-ai-plugin-molecule-platform-mcp', privileged: true, sources: [], digests: [] },
        ],
      };
      const declaration = {
        orgId: house.orgId,
        workspaceId: house.workspace,
        name,
        source,
        protected: false,
        artifact,
        resolved: null,
        actor: 'user:1',
      };
      await expect(declarePlugin(house.db, declaration, rules, NOW)).rejects.toMatchObject({
        code: 'plugin_not_entitled',
      });
      expect(await rowCounts(house.db)).toEqual(NONE);
    },
  );

  test(verifies(['T16', 'B30', 'I4-entitle-one'], 'the install path refuses in the same way'), async () => {
    await expect(install(house.db, house.workspace, 'mine', 'npm:mine@1.0.0', PRIVILEGED_DIGEST)).rejects.toMatchObject(
      { code: 'plugin_not_entitled' },
    );
    const forked = { ...manifestOf('mine'), entitlement: 'privileged' as const };
    const renamed = {
      orgId: house.orgId,
      workspaceId: house.workspace,
      name: 'mine',
      source: 'npm:mine@1.0.0',
      artifact: ORDINARY_DIGEST,
      resolved: 'x',
      actor: 'user:1',
      manifest: forked,
    };
    await expect(installPlugin(house.db, renamed, RULES, NOW)).rejects.toMatchObject({ code: 'plugin_not_entitled' });
    expect(await rowCounts(house.db)).toEqual(NONE);
  });

  test(
    verifies(['T9', 'B2', 'B26'], 'a workspace that does not exist counts as ordinary: refused, no row'),
    async () => {
      await expect(
        declare(house.db, newId(), 'molecule-platform-mcp', 'builtin:molecule-platform-mcp'),
      ).rejects.toMatchObject({ code: 'plugin_not_entitled' });
      expect(await rowCounts(house.db)).toEqual(NONE);
    },
  );

  test(verifies(['T10', 'B26'], 'the kind cannot be read: error, no row'), async () => {
    await house.db.transaction().execute(async (trx) => {
      await sql`alter table workspaces rename column kind to kind_away`.execute(trx);
      await sql`savepoint before`.execute(trx);
      await expect(
        declare(trx, house.concierge, 'molecule-platform-mcp', 'builtin:molecule-platform-mcp'),
      ).rejects.toMatchObject({ code: '42703' });
      await sql`rollback to savepoint before`.execute(trx);
      await sql`alter table workspaces rename column kind_away to kind`.execute(trx);
    });
    expect(await rowCounts(house.db)).toEqual(NONE);
  });

  test(verifies(['T11', 'B25', 'I4-entitle-cost'], 'an ordinary plugin: one upsert, no read of anything'), async () => {
    const { db, statements } = noting(house.db);
    await declare(db, house.workspace, 'tool', 'github:o/tool', ORDINARY_DIGEST);
    await install(db, house.workspace, 'tool', 'github:o/tool', ORDINARY_DIGEST);
    const reading = statements.filter((each) => each.startsWith('select'));
    expect(reading).toEqual([]);
    expect(statements.filter((each) => each.startsWith('insert into workspace_'))).toEqual([
      'insert into workspace_declared_plugins',
      'insert into workspace_plugins',
    ]);
    // Besides, each tells the history once.
    expect(statements).toHaveLength(4);
  });

  test(
    verifies(['B22', 'B28', 'I4-entitle-one'], 'raw SQL that lies about privilege or kind is refused by the schema'),
    async () => {
      const raw = (table: string, kind: string, name: string, privileged: boolean, digest: string | null) =>
        sql`
      insert into ${sql.table(table)} (workspace_id, workspace_kind, name, source, privileged, artifact, resolved, ${sql.ref(table === 'workspace_plugins' ? 'installed_by' : 'declared_by')})
      values (${house.workspace}, ${kind}, ${name}, 'x', ${privileged}, ${digest}, 'x', 'raw')`.execute(house.db);
      for (const table of ['workspace_declared_plugins', 'workspace_plugins']) {
        await expect(raw(table, 'workspace', 'molecule-platform-mcp', false, ORDINARY_DIGEST)).rejects.toMatchObject({
          code: '23514',
        });
        await expect(raw(table, 'workspace', 'mine', true, PRIVILEGED_DIGEST)).rejects.toMatchObject({ code: '23514' });
        await expect(raw(table, 'platform', 'mine', true, PRIVILEGED_DIGEST)).rejects.toMatchObject({ code: '23503' });
        await expect(raw(table, 'workspace', 'mine', false, PRIVILEGED_DIGEST)).rejects.toMatchObject({
          code: '23503',
        });
      }
      expect(await rowCounts(house.db)).toEqual(NONE);
    },
  );

  test(verifies(['B25', 'T11'], 'a removed workspace gets nothing, with the reason'), async () => {
    await house.db.updateTable('workspaces').set({ status: 'removed' }).where('id', '=', house.child).execute();
    await expect(declare(house.db, house.child, 'tool', 'github:o/tool')).rejects.toMatchObject({
      code: 'workspace_not_found',
    });
  });
});

import { newId } from '@molecule/contracts';
import { verifies } from '@molecule/testkit/verifies';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { insert, someOrg } from './some-org.ts';

const refused = (constraint: string) => ({ constraint });
const HASH = Buffer.alloc(32, 7);

test(
  verifies(['B3', 'T14', 'I2-schema-kind'], 'a second concierge and a concierge with a parent cannot be written'),
  async () => {
    const org = await someOrg();
    await expect(org.workspace({ kind: 'platform', parent_id: await org.workspace() })).rejects.toMatchObject(
      refused('platform_is_root'),
    );
    await org.workspace({ kind: 'platform' });
    await expect(org.workspace({ kind: 'platform' })).rejects.toMatchObject(refused('workspaces_one_platform'));
    await expect(org.workspace({ kind: 'admin' })).rejects.toMatchObject(refused('workspaces_kind_check'));
  },
);

test(
  verifies(
    ['B2', 'B4', 'B6', 'I2-schema-kind'],
    'kind is ordinary by default, never changes, and a concierge is never removed',
  ),
  async () => {
    const org = await someOrg();
    const [plain, concierge] = [await org.workspace(), await org.workspace({ kind: 'platform' })];
    const { rows } = await sql<{ kind: string }>`select kind from workspaces where id = ${plain}`.execute(org.db);
    expect(rows).toEqual([{ kind: 'workspace' }]);
    await expect(
      sql`update workspaces set kind = 'platform' where id = ${plain}`.execute(org.db),
    ).rejects.toMatchObject(refused('kind_is_fixed'));
    await expect(
      sql`update workspaces set kind = 'workspace' where id = ${concierge}`.execute(org.db),
    ).rejects.toMatchObject(refused('kind_is_fixed'));
    await expect(
      sql`update workspaces set status = 'removed' where id = ${concierge}`.execute(org.db),
    ).rejects.toMatchObject(refused('concierge_stays'));
  },
);

test(verifies('B86', 'a removed workspace never comes back'), async () => {
  const org = await someOrg();
  const id = await org.workspace();
  await sql`update workspaces set status = 'removed' where id = ${id}`.execute(org.db);
  await expect(sql`update workspaces set status = 'online' where id = ${id}`.execute(org.db)).rejects.toMatchObject(
    refused('removed_is_final'),
  );
});

test(verifies(['B3', 'I2-schema-kind'], 'a parent is another workspace of the same org'), async () => {
  const [org, other] = [await someOrg(), newId()];
  await insert(org.db, 'orgs', { id: other, name: 'Other' });
  const foreign = await org.workspace({ org_id: other });
  await expect(org.workspace({ parent_id: foreign })).rejects.toMatchObject(refused('parent_in_org'));
  const id = await org.workspace();
  await expect(sql`update workspaces set parent_id = id where id = ${id}`.execute(org.db)).rejects.toMatchObject(
    refused('not_own_parent'),
  );
});

test(
  verifies(
    ['B23', 'B28', 'T16', 'I2-schema-entitle'],
    'a privileged plugin has no way onto an ordinary workspace, declared or installed',
  ),
  async () => {
    const org = await someOrg();
    const [plain, concierge] = [await org.workspace(), await org.workspace({ kind: 'platform' })];
    const declared = { name: 'molecule-platform-mcp', source: 'builtin:molecule-platform-mcp', declared_by: 'test' };
    await expect(
      insert(org.db, 'workspace_declared_plugins', {
        ...declared,
        workspace_id: plain,
        workspace_kind: 'workspace',
        privileged: true,
      }),
    ).rejects.toMatchObject(refused('declared_privileged_needs_platform'));
    // Lies about the kind of the row it refers to.
    await expect(
      insert(org.db, 'workspace_declared_plugins', {
        ...declared,
        workspace_id: plain,
        workspace_kind: 'platform',
        privileged: true,
      }),
    ).rejects.toMatchObject({ code: '23503' });
    // Lies about being privileged, under either of its names.
    for (const name of ['molecule-platform-mcp', 'molecule-ai-plugin-molecule-platform-mcp']) {
      await expect(
        insert(org.db, 'workspace_declared_plugins', {
          ...declared,
          name,
          workspace_id: plain,
          workspace_kind: 'workspace',
          privileged: false,
        }),
      ).rejects.toMatchObject(refused('declared_privileged_name'));
    }
    await insert(org.db, 'workspace_declared_plugins', {
      ...declared,
      workspace_id: concierge,
      workspace_kind: 'platform',
      privileged: true,
    });
    const digest = `sha256:${'a'.repeat(64)}`;
    await insert(org.db, 'artifacts', {
      digest,
      name: 'molecule-platform-mcp',
      manifest: '{}',
      privileged: true,
      size_bytes: 1,
      file_count: 1,
    });
    const installed = {
      workspace_id: plain,
      workspace_kind: 'workspace',
      source: 'x',
      artifact: digest,
      resolved: 'x',
      installed_by: 'test',
    };
    await expect(
      insert(org.db, 'workspace_plugins', { ...installed, name: 'molecule-platform-mcp', privileged: true }),
    ).rejects.toMatchObject(refused('installed_privileged_needs_platform'));
    // Another name for the same package: the artifact itself is privileged.
    await expect(
      insert(org.db, 'workspace_plugins', { ...installed, name: 'harmless', privileged: false }),
    ).rejects.toMatchObject({ code: '23503' });
  },
);

test(verifies(['B36', 'B39'], 'a management token for an ordinary workspace cannot be written'), async () => {
  const org = await someOrg();
  const plain = await org.workspace();
  const token = {
    id: newId(),
    org_id: org.orgId,
    name: 't',
    hash: HASH,
    preview: 'p',
    workspace_id: plain,
    workspace_kind: 'workspace',
    boot_id: newId(),
  };
  await expect(
    insert(org.db, 'tokens', { ...token, kind: 'management', scopes: ['mcp:management'] }),
  ).rejects.toMatchObject(refused('management_for_platform'));
  await expect(
    insert(org.db, 'tokens', { ...token, kind: 'box', scopes: ['box:run', 'mcp:management'] }),
  ).rejects.toMatchObject(refused('management_for_platform'));
  await expect(
    insert(org.db, 'tokens', { ...token, kind: 'management', scopes: ['mcp:management'], workspace_kind: 'platform' }),
  ).rejects.toMatchObject({ code: '23503' });
  await expect(
    insert(org.db, 'tokens', { ...token, kind: 'box', scopes: ['box:run'], boot_id: null }),
  ).rejects.toMatchObject(refused('bound_kinds'));
});

test(
  verifies('B86', 'a workspace works on one task at a time, an ended task has its time, a failed one its code'),
  async () => {
    const org = await someOrg();
    const id = await org.workspace();
    const task = (values: Record<string, unknown>) =>
      insert(org.db, 'tasks', {
        id: newId(),
        org_id: org.orgId,
        workspace_id: id,
        prompt: 'p',
        created_by: 'test',
        ...values,
      });
    const running = { status: 'running', boot_id: newId(), lease_until: new Date() };
    await task(running);
    await expect(task(running)).rejects.toMatchObject(refused('tasks_one_running'));
    await expect(task({ status: 'running' })).rejects.toMatchObject(refused('running_has_lease'));
    await expect(task({ status: 'completed' })).rejects.toMatchObject(refused('ended_has_time'));
    await expect(task({ status: 'failed', ended_at: new Date() })).rejects.toMatchObject(refused('failed_has_code'));
    await task({ idempotency_key: 'k' });
    await expect(task({ idempotency_key: 'k' })).rejects.toMatchObject(refused('tasks_idempotency'));
  },
);

test(verifies('B3', 'names are unique among the living of an org, whatever their case'), async () => {
  const org = await someOrg();
  const id = await org.workspace({ name: 'Research' });
  await expect(org.workspace({ name: 'research' })).rejects.toMatchObject(refused('workspaces_name'));
  await sql`update workspaces set status = 'removed' where id = ${id}`.execute(org.db);
  await org.workspace({ name: 'research' });
});

test(verifies('I2-schema-audit', 'the audit log cannot be changed'), async () => {
  const org = await someOrg();
  await insert(org.db, 'audit', {
    org_id: org.orgId,
    seq: 1,
    at: new Date(),
    actor: 'a',
    action: 'b',
    prev_hash: HASH,
    hash: HASH,
  });
  for (const statement of [sql`update audit set actor = 'x'`, sql`delete from audit`, sql`truncate audit`]) {
    await expect(statement.execute(org.db)).rejects.toMatchObject(refused('audit_append_only'));
  }
});

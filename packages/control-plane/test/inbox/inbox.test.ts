import { newId } from '@molecule/contracts';
import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import { call, startPlane } from '../plane.ts';

test(
  verifies(
    'I6-inbox',
    'what waits for a person is in the inbox while it waits: changed tools, contested entries, used-up limits, forbidden plugins',
  ),
  async () => {
    const plane = await startPlane();
    const host = await plane.host();
    const id = await plane.create('watched');
    const { bootId } = await host.next('start', id);
    const inbox = async () => (await call(plane.url, plane.ownerToken, 'GET', '/api/v1/inbox')).body.items;
    expect(await inbox()).toEqual([]);

    await plane.db
      .insertInto('plugin_tool_pins')
      .values({
        workspace_id: id,
        server: 'files',
        plugin: 'file-tools',
        digest: 'sha256:0',
        tools: JSON.stringify({ read: 'a' }),
        seen: JSON.stringify({ read: 'a', erase: 'b' }),
        state: 'held',
      })
      .execute();
    await plane.db
      .insertInto('boot_events')
      .values({
        workspace_id: id,
        boot_id: bootId,
        seq: 900,
        step: 'drift.contested',
        ok: false,
        at: new Date(),
        message: 'config.toml is changed again and again.',
      })
      .execute();
    const budget = (
      await call(plane.url, plane.ownerToken, 'PUT', '/api/v1/budgets', {
        scope: { kind: 'workspace', id },
        unit: 'turns',
        limit: 0,
        period: 'day',
      })
    ).body;
    await call(plane.url, plane.ownerToken, 'POST', `/api/v1/workspaces/${id}/plugins`, { source: 'builtin:seo-all' });
    await call(plane.url, plane.ownerToken, 'PUT', '/api/v1/plugins/allowlist', { entries: [] });
    const items = await inbox();
    expect(items.map((each: { kind: string; blocks: boolean }) => [each.kind, each.blocks])).toEqual(
      expect.arrayContaining([
        ['tools_held', true],
        ['budget_exhausted', true],
        ['drift_contested', false],
        ['allowlist_violation', false],
      ]),
    );
    expect(items.findIndex((each: { blocks: boolean }) => !each.blocks)).toBe(2);
    expect(items.find((each: { kind: string }) => each.kind === 'tools_held').message).toBe(
      'The server files of the plugin file-tools offers other tools than were accepted: erase added.',
    );

    // Settled matters are gone.
    await call(plane.url, plane.ownerToken, 'POST', `/api/v1/workspaces/${id}/plugins/servers/files/accept`);
    await call(plane.url, plane.ownerToken, 'DELETE', `/api/v1/budgets/${budget.id}`);
    await call(plane.url, plane.ownerToken, 'PUT', '/api/v1/plugins/allowlist', { entries: null });
    await plane.db.updateTable('workspaces').set({ boot_id: newId() }).where('id', '=', id).execute();
    expect(await inbox()).toEqual([]);
  },
);

import { allowlistKey } from '@molecule/domain';
import { verifies } from '@molecule/testkit/verifies';
import { beforeEach, describe, expect, test } from 'vitest';
import { declarePlugin, installPlugin, listAllowlists, storeAllowlist } from '../../src/index.ts';
import { CATALOGUE, type House, NOW, noting, ORDINARY_DIGEST, pluginHouse, rowCounts } from './plugin-house.ts';

describe('org allowlist', () => {
  let house: House;
  beforeEach(async () => {
    house = await pluginHouse();
  });
  const install = (workspaceId: string, source: string, db = house.db): Promise<void> =>
    installPlugin(
      db,
      {
        orgId: house.orgId,
        workspaceId,
        name: 'tool',
        source,
        artifact: ORDINARY_DIGEST,
        resolved: source,
        actor: 'user:1',
      },
      { catalogue: CATALOGUE },
      NOW,
    );
  const set = (workspaceId: string | null, entries: Parameters<typeof allowlistKey>[0][] | null): Promise<void> =>
    storeAllowlist(
      house.db,
      {
        orgId: house.orgId,
        workspaceId,
        entries: entries?.map((entry) => allowlistKey(entry)) ?? null,
        actor: 'user:1',
      },
      NOW,
    );

  test(verifies('I4-allowlist', 'without a list everything is permitted'), async () => {
    await install(house.workspace, 'github:anyone/tool');
  });

  test(verifies('I4-allowlist', 'what no entry names is refused without a row, by every route'), async () => {
    await set(null, [{ publisher: 'github:acme' }]);
    await install(house.workspace, 'github:acme/tool#v1');
    await expect(install(house.child, 'github:other/tool')).rejects.toMatchObject({ code: 'plugin_not_allowed' });
    await expect(
      declarePlugin(
        house.db,
        {
          orgId: house.orgId,
          workspaceId: house.child,
          name: 'tool',
          source: 'npm:tool@1.0.0',
          protected: false,
          artifact: null,
          resolved: null,
          actor: 'x',
        },
        { catalogue: CATALOGUE },
        NOW,
      ),
    ).rejects.toMatchObject({ code: 'plugin_not_allowed' });
    expect(await rowCounts(house.db)).toMatchObject({ installed: 1, declared: 0 });
  });

  test(verifies('I4-allowlist', 'a list of a workspace binds its subtree and cannot widen the one above'), async () => {
    await set(null, [{ publisher: 'github:acme' }]);
    await set(house.workspace, [{ source: 'github:acme/tool' }, { publisher: 'github:other' }]);
    await expect(install(house.child, 'github:acme/else')).rejects.toMatchObject({ code: 'plugin_not_allowed' });
    await expect(install(house.child, 'github:other/tool')).rejects.toMatchObject({ code: 'plugin_not_allowed' });
    await install(house.child, 'github:acme/tool');
    await install(house.concierge, 'github:acme/else');
  });

  test(
    verifies(
      'I4-allowlist',
      'an empty list permits nothing, except what is protected; taking the list away permits again',
    ),
    async () => {
      await set(null, []);
      await expect(install(house.workspace, 'github:acme/tool')).rejects.toMatchObject({ code: 'plugin_not_allowed' });
      await declarePlugin(
        house.db,
        {
          orgId: house.orgId,
          workspaceId: house.workspace,
          name: 'a2a',
          source: 'builtin:a2a',
          protected: true,
          artifact: null,
          resolved: null,
          actor: 'x',
        },
        { catalogue: CATALOGUE },
        NOW,
      );
      await set(null, null);
      await install(house.workspace, 'github:acme/tool');
      expect(await listAllowlists(house.db, house.orgId)).toEqual([]);
    },
  );

  test(
    verifies(
      ['I4-allowlist', 'I4-entitle-cost'],
      'checking it costs an ordinary plugin no query, and its changes are audited',
    ),
    async () => {
      await set(null, [{ digest: ORDINARY_DIGEST }]);
      const { db, statements } = noting(house.db);
      await install(house.workspace, 'github:anyone/tool', db);
      expect(statements.filter((each) => each.startsWith('select'))).toEqual([]);
      expect(await house.db.selectFrom('audit').select('action').execute()).toEqual([{ action: 'plugin.allowlist' }]);
    },
  );
});

import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import { call, startPlane } from '../plane.ts';

test(
  verifies(
    'I6-panel-plugins',
    'a preview shows what an install would bring or why it is refused, and leaves nothing; what was shown is what is installed',
  ),
  async () => {
    const plane = await startPlane();
    await plane.host();
    const id = await plane.create('careful');
    const plugins = `/api/v1/workspaces/${id}/plugins`;
    const post = (path: string, body: unknown) => call(plane.url, plane.ownerToken, 'POST', path, body);
    const count = async () =>
      Number(
        (
          await plane.db
            .selectFrom('events')
            .select((eb) => eb.fn.countAll().as('n'))
            .where('type', '=', 'plugin.installed')
            .executeTakeFirstOrThrow()
        ).n,
      );

    const preview = (await post(`${plugins}/preview`, { source: 'builtin:seo-all' })).body;
    expect(preview).toMatchObject({ name: 'seo-all', replaces: null, refusal: null });
    expect(preview.difference.files.added.length).toBeGreaterThan(0);
    expect([...preview.difference.servers.added, ...preview.difference.skills.added].length).toBeGreaterThan(0);
    expect(await count()).toBe(0);
    expect(
      await plane.db.selectFrom('workspace_plugins').select('name').where('workspace_id', '=', id).execute(),
    ).toEqual([]);

    await call(plane.url, plane.ownerToken, 'PUT', '/api/v1/plugins/allowlist', { entries: [] });
    expect((await post(`${plugins}/preview`, { source: 'builtin:seo-all' })).body.refusal).toMatchObject({
      code: 'plugin_not_allowed',
    });
    await call(plane.url, plane.ownerToken, 'PUT', '/api/v1/plugins/allowlist', { entries: null });

    expect(await post(plugins, { source: 'builtin:seo-all', digest: `sha256:${'0'.repeat(64)}` })).toMatchObject({
      status: 409,
      body: { code: 'plugin_change_stale' },
    });
    expect(await count()).toBe(0);
    expect(await post(plugins, { source: 'builtin:seo-all', digest: preview.digest })).toMatchObject({ status: 201 });
    const again = (await post(`${plugins}/preview`, { source: 'builtin:seo-all' })).body;
    expect(again.replaces).toMatchObject({ version: preview.version });
    expect(again.difference.files).toMatchObject({ added: [], removed: [], changed: [] });
  },
);

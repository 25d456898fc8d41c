import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifies } from '@molecule/testkit/verifies';
import { expect, onTestFinished, test } from 'vitest';
import { type Answer, call, type Plane, startPlane, until } from '../plane.ts';
import { TestBox } from '../test-box.ts';

/** A folder of the server's machine that is a plugin. */
function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'molecule-server-folder-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  writeFileSync(join(path, 'mcp-servers.json'), JSON.stringify({ private: { command: 'private' } }));
  return path;
}

async function refusals(plane: Plane, workspace: Answer): Promise<readonly (readonly unknown[])[]> {
  const events = await plane.db
    .selectFrom('events')
    .select('data')
    .where('type', '=', 'plugin.refused')
    .where('workspace_id', '=', workspace.body.id)
    .execute();
  return events.map(({ data }) => [data['source'], data['code']]);
}

test(
  verifies('I4-sources', "a folder of the server's machine is for people: an agent gets it by no route"),
  async () => {
    const plane = await startPlane({ sources: { allowFiles: true } });
    const host = await plane.host();
    const box = await TestBox.enrol(plane, await host.next('start', plane.concierge));
    const agent = (method: string, path: string, body: unknown) =>
      call(plane.url, box.orgApiKey ?? '', method, `/api/v1${path}`, body);
    const source = `file:${folder()}`;
    const wish = { runtime: 'test-runtime', plugins: [source] };

    const created = await agent('POST', '/workspaces', { ...wish, name: 'created' });
    expect(created.status).toBe(201);
    expect(await refusals(plane, created)).toEqual([[source, 'plugin_source_invalid']]);
    const imported = await agent('POST', '/workspaces/import', { ...wish, name: 'imported' });
    expect(imported.body.refused).toMatchObject([{ source, code: 'plugin_source_invalid' }]);
    const installed = await agent('POST', '/workspaces/created/plugins', { source });
    expect(installed.body).toMatchObject({ code: 'plugin_source_invalid' });
    const declared = await plane.db.selectFrom('workspace_declared_plugins').select('source').execute();
    expect(declared.map((row) => row.source)).not.toContain(source);

    // The person who runs the server may.
    const mine = await call(plane.url, plane.ownerToken, 'POST', '/api/v1/workspaces', { ...wish, name: 'mine' });
    await until(
      async () => (await call(plane.url, plane.ownerToken, 'GET', '/api/v1/workspaces/mine/plugins')).body.items,
      (items) =>
        items.some((each: { source: string; state: string }) => each.source === source && each.state === 'ready'),
    );
    expect(await refusals(plane, mine)).toEqual([]);
  },
);

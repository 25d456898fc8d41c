import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import { call, startPlane } from '../plane.ts';
import { TestBox } from '../test-box.ts';

test(
  verifies(
    'I15',
    'a plugin that is declared before, during or after the boot reaches the box: what counts is the row, not the moment',
  ),
  async () => {
    const plane = await startPlane();
    const host = await plane.host();
    const id = await plane.create('one');
    const path = `/api/v1/workspaces/${id}/plugins`;
    const install = async (): Promise<void> => {
      const made = await call(plane.url, plane.ownerToken, 'POST', path, { source: 'builtin:seo-all' });
      expect(made.status, JSON.stringify(made.body)).toBe(201);
    };
    const remove = async (): Promise<void> => {
      expect((await call(plane.url, plane.ownerToken, 'DELETE', `${path}/seo-all`)).status).toBe(200);
    };
    const told = async (box: TestBox): Promise<{ generation: number; plugins: string[] }> => {
      const { body } = await call(plane.url, box.apiKey, 'GET', '/api/v1/registry/desired-state');
      return { generation: body.generation, plugins: body.artifacts.map(({ plugin }: { plugin: string }) => plugin) };
    };
    // Before anything runs.
    await install();
    const box = await TestBox.enrol(plane, await host.next('start', id));
    const first = await told(box);
    expect(first.plugins).toContain('seo-all');
    await remove();
    // While it boots: what it was told is out of date, and it learns so with its registration.
    await install();
    const during = await told(box);
    expect(during.plugins).toContain('seo-all');
    expect(during.generation).toBeGreaterThan(first.generation);
    const a2a = [{ server: 'a2a', rung: 'live', ok: true, reason: null, evidence: {}, durationMs: 1 }];
    const registered = await box.register({ proofs: a2a, generation: first.generation });
    expect(registered.body).toMatchObject({ status: 'online', generation: during.generation });
    await remove();
    // When it is online, by the very call that made it so or by a later one.
    await install();
    const after = await told(box);
    expect(after.plugins).toContain('seo-all');
    expect((await box.beat({ generation: during.generation })).body.generation).toBe(after.generation);
  },
);

import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import { ensureOrg } from '../../src/index.ts';
import { call, MODEL, type Plane, startPlane } from '../plane.ts';
import { TestBox } from '../test-box.ts';

/** What every start of an installation does. */
function start(plane: Plane, runtime: string, movesConcierge: boolean) {
  const { services, workspaces } = plane.plane;
  return services.db.transaction().execute((trx) =>
    ensureOrg(trx, workspaces, {
      name: 'Test',
      conciergeName: 'Concierge',
      concierge: true,
      settings: { runtime, model: MODEL, modelAccess: 'gateway' },
      movesConcierge,
      now: plane.clock.now(),
    }),
  );
}

test(
  verifies(
    ['B70', 'B71', 'I2-story-again'],
    'a start leaves the concierge the runtime that somebody gave it; only one that asks for a runtime moves it, with a new box',
  ),
  async () => {
    const plane = await startPlane();
    const host = await plane.host(plane, {
      runtimes: ['test-runtime', 'other-runtime', 'third-runtime'],
    });
    const concierge = async () =>
      (await call(plane.url, plane.ownerToken, 'GET', `/api/v1/workspaces/${plane.concierge}`)).body;
    const first = await TestBox.enrol(plane, await host.next('start', plane.concierge));
    await call(plane.url, plane.ownerToken, 'PATCH', `/api/v1/workspaces/${plane.concierge}`, {
      runtime: 'other-runtime',
    });
    await host.next('start', plane.concierge);
    expect((await concierge()).runtime).toBe('other-runtime');

    await start(plane, 'test-runtime', false);
    expect((await concierge()).runtime).toBe('other-runtime');

    await start(plane, 'third-runtime', true);
    expect((await concierge()).runtime).toBe('third-runtime');
    const order = await host.next('start', plane.concierge);
    expect(order.runtime).toBe('third-runtime');
    expect(order.bootId).not.toBe(first.bootId);
  },
);

import type { Scope } from '@molecule/contracts';
import { mintToken } from '@molecule/store';
import { expect } from 'vitest';
import type { Plane } from '../plane.ts';
import { TestBox } from '../test-box.ts';

/** A token of somebody with these rights. */
export async function personOf(plane: Plane, scopes: readonly Scope[]): Promise<string> {
  const { value } = await mintToken(plane.db, { orgId: plane.orgId, kind: 'person', name: 'somebody', scopes });
  return value;
}

/** A workspace whose box is registered, with the host that holds its line. */
export async function running(plane: Plane) {
  const host = await plane.host();
  const id = await plane.create('research');
  const box = await TestBox.enrol(plane, await host.next('start', id));
  expect((await box.register()).status).toBe(200);
  return { host, id, box };
}

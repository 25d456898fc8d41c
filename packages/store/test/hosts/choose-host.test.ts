import { newId } from '@molecule/contracts';
import { expect, test } from 'vitest';
import { chooseHost } from '../../src/index.ts';
import { insert, type SomeOrg, someOrg } from '../some-org.ts';

async function host(org: SomeOrg, available: boolean, connected = true): Promise<string> {
  const id = newId();
  const runtimes = [
    {
      runtime: 'test-runtime',
      available,
      version: null,
      path: null,
      problem: available ? null : 'no binary',
      hasLogin: false,
    },
  ];
  await insert(org.db, 'hosts', {
    id,
    org_id: org.orgId,
    hostname: id.slice(-4),
    runtimes: JSON.stringify(runtimes),
    connection_id: connected ? newId() : null,
  });
  return id;
}

test('a new workspace goes to the connected host that has the runtime and the fewest boxes', async () => {
  const org = await someOrg();
  expect(await chooseHost(org.db, org.orgId, 'test-runtime')).toBeNull();
  await host(org, true, false);
  expect(await chooseHost(org.db, org.orgId, 'test-runtime')).toBeNull();
  await host(org, false);
  await expect(chooseHost(org.db, org.orgId, 'test-runtime')).rejects.toMatchObject({
    code: 'runtime_unavailable',
    message: expect.stringContaining('no binary'),
  });
  const [busy, idle] = [await host(org, true), await host(org, true)];
  await org.workspace({ host_id: busy, status: 'online' });
  await org.workspace({ host_id: idle, status: 'removed' });
  expect(await chooseHost(org.db, org.orgId, 'test-runtime')).toBe(idle);
  await expect(chooseHost(org.db, org.orgId, 'other')).rejects.toMatchObject({ code: 'runtime_unavailable' });
});

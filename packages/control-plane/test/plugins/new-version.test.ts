import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import { startPlane } from '../plane.ts';

test(
  verifies(
    ['B33', 'T50', 'I22'],
    'a version with other first-party plugins reaches every workspace; the same version changes nothing',
  ),
  async () => {
    const plane = await startPlane();
    await plane.host();
    const id = await plane.create('one');
    const generation = async () =>
      (await plane.db.selectFrom('workspaces').select('generation').where('id', '=', id).executeTakeFirstOrThrow())
        .generation;
    const before = await generation();
    await plane.replica();
    expect(await generation()).toBe(before);
    await plane.db
      .updateTable('settings')
      .set({ value: JSON.stringify(['sha256:of-an-older-version']) })
      .where('key', '=', 'plugins.builtins')
      .execute();
    await plane.replica();
    expect(await generation()).toBe(before + 1);
  },
);

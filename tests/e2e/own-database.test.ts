import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { testDatabase } from '@molecule/testkit/database';
import { startTestInstallation } from '@molecule/testkit/installation';
import { verifies } from '@molecule/testkit/verifies';
import { expect, onTestFinished, test } from 'vitest';
import { filesWith } from './whole-tree.ts';

test(
  verifies(
    'I2-pg-url',
    "with a database of one's own no server is started, everything is kept there, and its address is written nowhere",
  ),
  async () => {
    const own = await testDatabase({ migrated: false });
    const house = await startTestInstallation({ env: { MOLECULE_DATABASE_URL: own.url } });
    onTestFinished(() => house.dispose());
    expect(house.ready.steps.map(({ name }) => name)).toEqual(['Migrations', 'Control plane', 'Box host', 'Concierge']);
    expect(house.ready.concierge?.status).toBe('online');
    expect(house.pids('postgres')).toEqual([]);
    expect(existsSync(join(house.dataDir, 'database'))).toBe(false);
    expect((await house.cli('ws', 'create', 'research')).code).toBe(0);
    const rows = await own.db.kysely.selectFrom('workspaces').select('name').orderBy('name').execute();
    expect(rows.map(({ name }) => name)).toEqual(['Concierge', 'research']);
    const password = new URL(own.url.replace('@/', '@localhost/')).password;
    expect(password).not.toBe('');
    expect(filesWith(house.dataDir, password)).toEqual([]);

    await house.down();
    const again = await house.up();
    expect(again.concierge).toMatchObject({ id: house.ready.concierge?.id, status: 'online' });
  },
);

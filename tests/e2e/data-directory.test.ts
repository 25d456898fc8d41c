import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type CliOptions,
  killHard,
  processesOf,
  runCli,
  startTestInstallation,
  until,
} from '@molecule/testkit/installation';
import { verifies } from '@molecule/testkit/verifies';
import { sql } from 'kysely';
import { expect, onTestFinished, test } from 'vitest';

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'molecule-place-'));
  chmodSync(made, 0o755); // the database's own account, or another user's CLI, has to pass through
  onTestFinished(async () => {
    for (const { pid } of processesOf(made)) killHard(pid);
    await until(
      'all have ended',
      () => processesOf(made).length,
      (count) => count === 0,
    );
    rmSync(made, { recursive: true, force: true });
  });
  return made;
}

/** `up` that is expected to be refused: exit code 1, one JSON value, and nothing left running. */
async function refusedUp(
  dataDir: string,
  options: CliOptions = {},
  ...args: readonly string[]
): Promise<{ code: string; message: string; hint: string }> {
  const result = await runCli(['--data-dir', dataDir, 'up', '--port', '0', '--json', ...args], options);
  expect(result.code, result.stdout + result.stderr).toBe(1);
  const error = JSON.parse(result.stdout) as { type: string; code: string; message: string; hint: string };
  expect(error).toMatchObject({ type: 'error', hint: expect.stringMatching(/./) });
  expect(processesOf(dataDir)).toEqual([]);
  return error;
}

test(verifies('I2-bad-port', 'a port in use is reported with what to do, and nothing is left running'), async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void other.close());
  const address = other.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const error = await refusedUp(join(folder(), 'data'), {}, '--port', String(port));
  expect(error).toMatchObject({
    code: 'port_in_use',
    message: `Port ${port} is in use.`,
    hint: expect.stringContaining('--port'),
  });
});

test(verifies('I2-bad-datadir', 'a directory with other contents is refused and left as it was'), async () => {
  const foreign = join(folder(), 'photos');
  mkdirSync(foreign);
  writeFileSync(join(foreign, 'holiday.txt'), 'sun');
  expect(await refusedUp(foreign)).toMatchObject({ code: 'data_dir_foreign' });
  expect(readdirSync(foreign)).toEqual(['holiday.txt']);
});

test(
  verifies(
    'I2-bad-datadir',
    'a file in the place of the directory, and a directory that cannot be written, are refused',
  ),
  async () => {
    const place = folder();
    writeFileSync(join(place, 'file'), '');
    expect(await refusedUp(join(place, 'file'))).toMatchObject({ code: 'data_dir_unwritable' });
    if (process.getuid?.() !== 0) chmodSync(place, 0o555);
    const unprivileged = process.getuid?.() === 0 ? { uid: 65534, gid: 65534, env: { HOME: '/nonexistent' } } : {};
    expect(await refusedUp(join(place, 'data'), unprivileged)).toMatchObject({
      code: 'data_dir_unwritable',
      hint: expect.stringContaining('--data-dir'),
    });
    expect(existsSync(join(place, 'data'))).toBe(false);
    chmodSync(place, 0o755);
  },
);

test(verifies('I2-bad-datadir', 'a database that a newer version wrote is refused untouched'), async () => {
  const house = await startTestInstallation({ args: ['--no-concierge'] });
  onTestFinished(() => house.dispose());
  const database = house.openDatabase();
  await sql`insert into molecule_migrations (number, name, checksum, duration_ms) values (9999, '9999_future', 'x', 1)`.execute(
    database.kysely,
  );
  await database.close();
  await house.down();
  expect(await refusedUp(house.dataDir)).toMatchObject({ code: 'data_dir_newer' });

  const mark = join(house.dataDir, 'molecule.json');
  const written = readFileSync(mark, 'utf8');
  writeFileSync(mark, written.replace('"format":1', '"format":99'));
  expect(await refusedUp(house.dataDir)).toMatchObject({ code: 'data_dir_newer' });
  writeFileSync(mark, written);
  const record = join(house.dataDir, 'database', 'server.json');
  const layout = { ...(JSON.parse(readFileSync(record, 'utf8')) as object), format: 99 };
  writeFileSync(record, JSON.stringify(layout));
  expect(await refusedUp(house.dataDir)).toMatchObject({ code: 'data_dir_newer' });
  expect(JSON.parse(readFileSync(record, 'utf8'))).toEqual(layout);
});

test(verifies('I2-bad-datadir', 'a directory in use by another up is refused, and that one goes on'), async () => {
  const house = await startTestInstallation({ args: ['--no-concierge'] });
  onTestFinished(() => house.dispose());
  const second = await house.cli('up', '--port', '0', '--json');
  expect(second.code).toBe(1);
  expect(JSON.parse(second.stdout)).toMatchObject({
    code: 'data_dir_locked',
    message: expect.stringContaining(String(house.pids('control-plane')[0])),
  });
  expect((await house.http('GET', '/readyz', undefined, { token: null })).status).toBe(200);
});

test(verifies('I2-bad-database', "a database of one's own that cannot be reached is reported"), async () => {
  const error = await refusedUp(
    join(folder(), 'data'),
    {},
    '--database-url',
    'postgresql://nobody:secret@127.0.0.1:9/none',
  );
  expect(error.code).toBe('database_unavailable');
  expect(JSON.stringify(error)).not.toContain('secret');
});

/** The account `nobody`, which may run the CLI only where the checkout and this Node can be read by everybody. */
function canBeReadByAll(path: string): boolean {
  for (let place = path; ; place = join(place, '..')) {
    if ((statSync(place).mode & 0o005) !== 0o005) return false;
    if (place === '/') return true;
  }
}
const isPossible = process.getuid?.() === 0 && canBeReadByAll(process.execPath) && canBeReadByAll(import.meta.dirname);

test.skipIf(!isPossible)(
  verifies(['I2-story-root', 'I2-pg-root'], 'an ordinary user gets the whole story as well, with files of their own'),
  async () => {
    const nobody = 65534;
    const home = folder();
    chownSync(home, nobody, nobody);
    const house = await startTestInstallation({ uid: nobody, gid: nobody, env: { HOME: home, USER: 'nobody' } });
    onTestFinished(() => house.dispose());
    expect(house.ready.concierge?.status).toBe('online');
    const chat = await house.cli('chat', 'create a workspace called research');
    expect(chat.code, chat.stderr).toBe(0);
    expect((await house.http('GET', '/api/v1/workspaces/research')).body).toMatchObject({ status: 'online' });
    for (const name of ['keys/owner.token', 'database/cluster/PG_VERSION', 'boxes'])
      expect(statSync(join(house.dataDir, name)).uid, name).toBe(nobody);
    expect(await house.down()).toBe(0);
  },
);

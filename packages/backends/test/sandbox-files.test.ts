import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { createSandbox, type Sandbox } from '@molecule/backends';
import { verifies } from '@molecule/testkit/verifies';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { boxFixture, runToEnd, shell } from './box-fixture.ts';

/** By the user table: the variable may point anywhere. */
const HOME = userInfo().homedir;

/** Everything here runs inside one sandbox of a workspace that may reach nothing on the network. */
describe('files in a sandbox', () => {
  const box = boxFixture();
  let sandbox: Sandbox;
  const inside = async (script: string, env: Record<string, string> = {}) =>
    runToEnd(shell(script, box.own, env), { sandbox });

  beforeAll(async () => {
    sandbox = await createSandbox(box.policy());
    expect(sandbox.mechanism).toBe('bubblewrap');
  });
  afterAll(() => {
    sandbox.close();
    box.remove();
  });

  test(verifies('I2-sup-sandbox', 'the own folder can be written, and what is written is there outside'), async () => {
    const { exit } = await inside('echo done > result');
    expect(exit.code).toBe(0);
    expect(readFileSync(join(box.own, 'result'), 'utf8')).toBe('done\n');
  });

  test.each([
    ['the folder of another workspace', join(box.other, 'notes')],
    ['the data directory', box.secretFile],
    ['the home of the person', join(HOME, '.profile')],
    ['the password hashes', '/etc/shadow'],
    ['the environment of the box host', `/proc/${process.pid}/environ`],
  ])('%s cannot be read', async (_what, path) => {
    expect(existsSync(path)).toBe(true);
    const { exit, stdout } = await inside(`cat ${path}`);
    expect(exit.code).not.toBe(0);
    expect(stdout).toBe('');
  });

  test.each(['/usr/bin/planted', '/etc/planted', '/planted', join(HOME, 'planted')])(
    'nothing can be written to %s',
    async (path) => {
      const { exit } = await inside(`echo x > ${path}`);
      expect(exit.code).not.toBe(0);
      expect(existsSync(path)).toBe(false);
    },
  );

  test('settings of the kernel cannot be opened for writing, root or not', async () => {
    const { stdout } = await inside(
      'for f in $(find /proc/sys -type f) /proc/sysrq-trigger; do (: >> $f) 2>/dev/null && echo $f; done',
    );
    expect(stdout).toBe('');
  });

  test(verifies('I2-sup-sandbox', 'a symbolic link in the own folder leads nowhere outside'), async () => {
    const { exit, stdout } = await inside(`ln -sf ${box.secretFile} link && cat link`);
    expect(exit.code).not.toBe(0);
    expect(stdout).toBe('');
  });

  test('certificates are there, and private keys of the machine are not', async () => {
    const { stdout } = await inside('ls /etc/ssl /etc; wc -c < /etc/ssl/certs/ca-certificates.crt');
    expect(stdout).toMatch(/\n\d{5,}\n$/);
    expect(stdout).not.toMatch(/private|shadow|sudoers/);
  });

  test('/tmp is private and writable', async () => {
    const { exit } = await inside('echo x > /tmp/molecule-private && cat /var/tmp/molecule-private');
    expect(exit.code).toBe(0);
    expect(existsSync('/tmp/molecule-private')).toBe(false);
  });

  test('only variables of the allow list enter', async () => {
    const { stdout } = await inside('env', { LC_TIME: 'C', DATABASE_URL: 'postgres://secret' });
    expect(stdout).toContain('LC_TIME=C');
    expect(stdout).not.toContain('DATABASE_URL');
  });

  test('there are no capabilities, no way to get any, and no further user namespaces', async () => {
    const { stdout } = await inside(
      'id -u; grep -E "CapEff|NoNewPrivs" /proc/self/status; unshare -U true || echo refused',
    );
    expect(stdout.replace(/\s+/g, ' ')).toBe('1000 CapEff: 0000000000000000 NoNewPrivs: 1 refused ');
  });

  test('the user has a name, and the home is the own folder', async () => {
    const { stdout } = await inside('whoami; echo $HOME; getent passwd agent');
    expect(stdout).toContain(`agent\n${box.own}\nagent:x:1000:1000:agent:${box.own}`);
  });
});

test('a directory that the host was started with does not come along', async () => {
  const box = boxFixture();
  const program = `
    import { createSandbox, runInGroup } from '@molecule/backends';
    const sandbox = await createSandbox(${JSON.stringify(box.policy())});
    const run = await runInGroup({ command: '/bin/sh', args: ['-c', 'ls -l /proc/self/fd; ls /proc/self/fd/40/'], env: {}, cwd: '/' }, { sandbox });
    for await (const event of run.output) console.log(event.text);
    sandbox.close();`;
  const host = spawn(
    '/bin/bash',
    [
      '-c',
      'exec 40<"$1"; shift; exec "$@"',
      'bash',
      box.data,
      process.execPath,
      '--conditions=source',
      '--input-type=module',
      '-e',
      program,
    ],
    {
      cwd: import.meta.dirname,
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let said = '';
  host.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString('utf8');
  });
  await new Promise((resolve) => host.once('close', resolve));
  expect(said).toContain('40 -> /dev/null');
  expect(said).not.toContain('workspaces');
  box.remove();
});

test('two sandboxes with different policies work at the same time in one host', async () => {
  const box = boxFixture();
  const policy = box.policy();
  const [own, other] = await Promise.all([
    createSandbox(policy),
    createSandbox({ ...policy, writable: [box.other], identity: { ...policy.identity, home: box.other } }),
  ]);
  const [first, second] = await Promise.all([
    runToEnd(shell(`cat ${box.other}/notes; echo 1 > mark`, box.own), { sandbox: own }),
    runToEnd(shell('cat notes; echo 2 > mark', box.other), { sandbox: other }),
  ]);
  expect(first.stdout).toBe('');
  expect(second.stdout).toBe('hidden text\n');
  expect(readFileSync(join(box.own, 'mark'), 'utf8') + readFileSync(join(box.other, 'mark'), 'utf8')).toBe('1\n2\n');
  box.remove();
});

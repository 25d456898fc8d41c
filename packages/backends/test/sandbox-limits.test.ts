import { spawn } from 'node:child_process';
import { accessSync, chmodSync, constants } from 'node:fs';
import { createSandbox, type IsolationPolicy } from '@molecule/backends';
import { expect, test } from 'vitest';
import { boxFixture, runToEnd, shell } from './box-fixture.ts';

const FORKS = 'i=0; while [ $i -lt 60 ]; do sleep 20 & i=$((i+1)); done; wait';
const NOBODY = 65534;

test('a box cannot have more processes than its limit, and another box is not concerned', async () => {
  const box = boxFixture();
  const policy = box.policy();
  const limited = await createSandbox({ ...policy, limits: { maxProcesses: 20 } });
  const free = await createSandbox(policy);
  expect(limited.shortfall).toBeUndefined();
  const [first, second] = await Promise.all([
    runToEnd(shell(FORKS, box.own), { sandbox: limited }),
    runToEnd(shell(FORKS.replace('wait', 'kill $(jobs -p)'), box.own), { sandbox: free }),
  ]);
  expect(first.stderr).toMatch(/fork|resource/i);
  expect(second.stderr).not.toMatch(/fork|resource/i);
  limited.close();
  free.close();
  box.remove();
});

/** Where the tests run as root the sources may lie in a home that nobody else may enter. */
const canBecomeNobody = process.getuid?.() === 0 && isOpenToAll(import.meta.dirname);

test.runIf(canBecomeNobody)('all of it holds for an ordinary user too', async () => {
  const box = boxFixture();
  for (const folder of [box.data, `${box.data}/workspaces`, box.own, box.other, `${box.data}/host`])
    chmodSync(folder, 0o777);
  const policy: IsolationPolicy = { ...box.policy(), limits: { maxProcesses: 60 } };
  const program = `
    import { createSandbox, measureIsolation, runInGroup } from '@molecule/backends';
    import { createServer } from 'node:http';
    const policy = ${JSON.stringify(policy)};
    const server = createServer((request, response) => response.end('ok')).listen(0, '127.0.0.1', async () => {
      const report = await measureIsolation({ ...policy, egress: { controlPlanePort: server.address().port, hosts: [] } });
      const sandbox = await createSandbox(policy);
      const run = await runInGroup({ command: '/bin/sh', args: ['-c', ${JSON.stringify(FORKS.replaceAll('60', '100').replaceAll('20', '2'))}], env: {}, cwd: policy.writable[0] }, { sandbox });
      let refused = false;
      for await (const event of run.output) refused ||= /fork|resource/i.test(event.text);
      console.log(JSON.stringify({ uid: process.getuid(), report, shortfall: sandbox.shortfall ?? null, refused }));
      server.close();
    });`;
  const child = spawn(process.execPath, ['--conditions=source', '--input-type=module', '-e', program], {
    cwd: import.meta.dirname,
    uid: NOBODY,
    gid: NOBODY,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let answer = '';
  child.stdout.on('data', (chunk: Buffer) => {
    answer += chunk.toString('utf8');
  });
  await new Promise((resolve) => child.once('close', resolve));
  expect(JSON.parse(answer)).toEqual({
    uid: NOBODY,
    shortfall: null,
    refused: true,
    report: {
      mechanism: 'bubblewrap',
      filesystem: 'enforced',
      processes: 'enforced',
      network: 'enforced',
      user: 'enforced',
    },
  });
  box.remove();
});

function isOpenToAll(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return !path.startsWith('/root');
  } catch {
    return false;
  }
}

import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestInstallation, type TestInstallation } from '@molecule/testkit/installation';
import { verifies } from '@molecule/testkit/verifies';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { type KeyedUpstream, startKeyedUpstream } from './keyed-upstream.ts';

/*
 * The walls from the agent's side: the model tells the agent to run what the message says, and answers with what came out.
 */
const KEY = 'sk-ant-sandbox-test';
let upstream: KeyedUpstream;
let house: TestInstallation;
let own: string;
beforeAll(async () => {
  upstream = await startKeyedUpstream(KEY, {
    script: (request) => {
      const [result] = request.results;
      return result === undefined
        ? { calls: [{ tool: 'run_command', args: { command: request.prompt } }] }
        : { text: result.text };
    },
  });
  house = await startTestInstallation({ env: { ANTHROPIC_API_KEY: KEY, ANTHROPIC_BASE_URL: upstream.url } });
  expect((await house.cli('ws', 'create', 'research')).code).toBe(0);
  own = (await house.http<{ id: string }>('GET', '/api/v1/workspaces/research')).body.id;
});
afterAll(async () => {
  await house?.dispose();
  await upstream?.close();
});

/** What a command of the agent of "research" put out, with its exit code at the end. */
async function agentRuns(command: string): Promise<string> {
  const chat = await house.cli('--json', 'chat', 'research', command);
  expect(chat.code, chat.stdout + chat.stderr).toBe(0);
  const last = JSON.parse(chat.stdout.trim().split('\n').at(-1) ?? '{}') as { text: string };
  expect(last.text).toContain('[exit code ');
  return last.text;
}

function secretFile(folder: string): string {
  const place = mkdtempSync(join(folder, 'molecule-secret-'));
  onTestFinished(() => rmSync(place, { recursive: true, force: true }));
  chmodSync(place, 0o755);
  writeFileSync(join(place, 'secret.txt'), 'outside-secret', { mode: 0o644 });
  return join(place, 'secret.txt');
}

test(verifies('I2-sup-sandbox', 'an agent writes and reads its own folder'), async () => {
  expect(await agentRuns('echo mine > mine.txt && cat mine.txt && pwd')).toContain('mine\n');
});

test(
  verifies(
    'I2-sup-sandbox',
    "an agent sees neither the data directory, another workspace, the person's home, nor the machine's temporary folder",
  ),
  async () => {
    const theirs = join(house.dataDir, 'boxes', house.ready.concierge?.id ?? '', 'work');
    mkdirSync(theirs, { recursive: true });
    writeFileSync(join(theirs, 'theirs.txt'), 'outside-secret', { mode: 0o644 });
    const places = [
      join(house.dataDir, 'keys', 'owner.token'),
      join(house.dataDir, 'keys', 'host.token'),
      join(house.dataDir, 'run', 'client.json'),
      join(house.dataDir, 'database', 'password'),
      join(house.dataDir, 'logs', 'control-plane.log'),
      join(theirs, 'theirs.txt'),
      secretFile(tmpdir()),
      secretFile(process.env['HOME'] ?? '/root'),
    ];
    for (const path of places) expect(existsSync(path), path).toBe(true);
    const seen = await agentRuns(places.map((path) => `cat '${path}' && echo READ`).join('; '));
    expect(seen).not.toContain('READ');
    expect(seen).not.toMatch(/outside-secret|mol_/);
    expect(await agentRuns(`ls '${house.dataDir}/boxes' 2>/dev/null | tr '\\n' ' '`)).not.toContain(
      house.ready.concierge?.id,
    );
    const written = await agentRuns(
      `echo x > '${theirs}/from-agent.txt'; echo x > /etc/from-agent; echo x > '${house.dataDir}/bin/from-agent'; echo done`,
    );
    expect(written).toContain('done');
    expect(readdirSync(theirs)).toEqual(['theirs.txt']);
    expect(existsSync('/etc/from-agent')).toBe(false);
    expect(existsSync(join(house.dataDir, 'bin', 'from-agent'))).toBe(false);
  },
);

test(
  verifies(
    'I2-sup-sandbox',
    "an agent sees no process of the machine and cannot end one, and its environment holds no key of the person's",
  ),
  async () => {
    const pids = [...house.pids('control-plane'), ...house.pids('box-host'), ...house.pids('postgres')];
    expect(pids).toHaveLength(3);
    expect(await agentRuns(`cat /proc/[0-9]*/cmdline | tr '\\0' ' '`)).not.toMatch(/main\.js|postgres/);
    await agentRuns(pids.map((pid) => `kill -9 ${pid}`).join('; '));
    expect([...house.pids('control-plane'), ...house.pids('box-host'), ...house.pids('postgres')]).toEqual(pids);
    expect(house.isUp()).toBe(true);
    const environment = await agentRuns('cat /proc/self/environ /proc/1/environ | tr "\\0" "\\n"');
    expect(environment).not.toContain(KEY);
    expect(environment).not.toContain('MOLECULE_ORG_API_KEY');
  },
);

test(verifies('I2-sup-egress', 'an agent reaches the control plane and no other port of the machine'), async () => {
  let visits = 0;
  const forbidden = createServer((_request, response) => {
    visits += 1;
    response.end('visited');
  });
  await new Promise<void>((resolve) => forbidden.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void forbidden.close());
  const address = forbidden.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const get = (url: string): string =>
    `node -e 'fetch("${url}").then(async (r) => console.log("GOT", r.status), () => console.log("NOT REACHED"))'`;
  expect(await agentRuns(get(`${house.ready.url}/healthz`))).toContain('GOT 200');
  expect(await agentRuns(get(`http://127.0.0.1:${port}/`))).toContain('NOT REACHED');
  expect(await agentRuns(get(`${upstream.url}/`))).toContain('NOT REACHED');
  expect(await agentRuns(get('http://192.0.2.1/'))).toContain('NOT REACHED');
  expect(visits).toBe(0);
});

test(verifies('I2-sup-isolation', 'what is in force was measured and is shown'), async () => {
  const readiness = await house.http<{ isolation: Record<string, unknown> }>(
    'GET',
    `/api/v1/workspaces/${own}/readiness`,
  );
  expect(readiness.body.isolation).toMatchObject({
    mechanism: 'bubblewrap',
    filesystem: 'enforced',
    processes: 'enforced',
    network: 'enforced',
  });
  expect((await house.cli('ws', 'why', 'research')).stdout).toContain('bubblewrap');
});

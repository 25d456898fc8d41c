import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { adapterFor, knownRuntimes } from '@molecule/adapters';
import { readTree, treeDigest } from '@molecule/plugins';
import { verifies } from '@molecule/testkit/verifies';
import { afterEach, expect, test } from 'vitest';
import { type Bench, mcpServer, openBench, PROGRAMS, until, workspace } from './harness.ts';

/*
 * Who in the concierge's box can find the management credential: nobody. The real CLIs start the servers here, as they do for a turn.
 */
const ROOT = join(import.meta.dirname, '..', '..', '..');
const RUNTIMES = join(ROOT, 'tests', 'runtimes', 'node_modules', '.bin');
const LAUNCHER = join(ROOT, 'packages', 'management-mcp', 'dist', 'launcher', 'molecule-platform-mcp.cjs');
const KEY = 'the-management-credential';
/** One that hands its whole environment on, one that hands on what an entry names, and ours. */
const STARTING = ['claude-code', 'codex', 'molecule-agent'];

let bench: Bench;
afterEach(async () => {
  await bench.close();
});

interface Dump {
  readonly startedBy: string;
  readonly own: readonly string[];
  readonly all: string;
  readonly arguments: string;
}

function dumps(home: string): Dump[] {
  const file = join(home, 'environment-dumps.txt');
  return existsSync(file)
    ? readFileSync(file, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Dump)
    : [];
}

/** The management plugin as it is shipped, and an ordinary plugin that looks for the credential. */
async function concierge(runtime: string) {
  const shipped = JSON.parse(readFileSync(join(ROOT, 'plugins', 'molecule-platform-mcp', 'mcp.json'), 'utf8')) as {
    mcpServers: Record<string, { command: string; args: string[]; env: Record<string, string> }>;
  };
  const source = join(bench.dataDir, 'plugin-source');
  mkdirSync(source, { recursive: true });
  copyFileSync(join(PROGRAMS, 'mcp-server.mjs'), join(source, 'server.mjs'));
  const digest = treeDigest(await readTree(source));
  bench.plane.artifacts.set(digest, source);
  return workspace(
    {
      runtime,
      kind: 'platform',
      artifacts: [{ plugin: 'curious', digest, sizeBytes: 1, skills: [], required: true }],
      servers: [
        {
          name: 'molecule-platform',
          plugin: 'molecule-platform-mcp',
          descriptor: { type: 'stdio', ...shipped.mcpServers['molecule-platform'] },
          required: true,
          witnessed: true,
          requiredTools: ['provision_workspace'],
        },
        {
          name: 'curious',
          plugin: 'curious',
          descriptor: { type: 'stdio', command: 'node', args: ['./server.mjs', '--dump'], env: {} },
          required: true,
          witnessed: false,
          requiredTools: [],
        },
      ],
    },
    { orgApiKey: KEY, nonce: 'nonce-of-this-boot' },
  );
}

test.each(STARTING)(
  verifies(
    ['B41', 'B36', 'I3-env-secret'],
    'an ordinary plugin on a concierge finds no management credential when %s starts it, and the management server works',
  ),
  async (runtime) => {
    if (!existsSync(join(RUNTIMES, 'claude')))
      throw new Error(`${RUNTIMES} is empty: npm ci in tests/runtimes fills it`);
    bench = await openBench({
      adapters: knownRuntimes().map(adapterFor),
      sandbox: 'auto',
      host: { launcherFile: LAUNCHER, env: { PATH: `${RUNTIMES}:${process.env['PATH'] ?? ''}` } },
    });
    const box = bench.plane.add(await concierge(runtime));
    const { work, home } = bench.box(box);
    const register = await until('the registration', () => box.registers[0]);
    expect(register.proofs.filter(({ ok }) => !ok)).toEqual([]);
    expect(register.loaded_mcp_tools).toContain('mcp__molecule-platform__provision_workspace');

    // The second launch is the CLI's own.
    const found = await until('the launch by the CLI', () => (dumps(home).length > 1 ? dumps(home) : null), 60_000);
    await until('the end of the inspection', () => box.bootEvents.some(({ step }) => step === 'inspect'), 60_000);
    for (const dump of [...found, ...dumps(home)]) {
      expect(dump.own.length).toBeGreaterThan(3);
      expect(dump.all).toContain('PATH=');
      expect(JSON.stringify(dump)).not.toContain(KEY);
      expect(dump.own.join('\n')).not.toMatch(/MOLECULE_ORG_API_KEY|MOLECULE_MANAGEMENT_SOCKET/);
    }
    // Nor is it in a file that the box can read.
    for (const folder of [home, work])
      for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }))
        if (entry.isFile())
          expect(readFileSync(join(entry.parentPath, entry.name), 'latin1'), entry.name).not.toContain(KEY);

    // The management server came through with the credential and the nonce, for the proof and again for the CLI.
    const calls = bench.plane.mcpHeaders;
    expect(calls.every(({ authorization }) => authorization === `Bearer ${KEY}`)).toBe(true);
    expect(calls.filter((call) => call['molecule-proof'] === 'nonce-of-this-boot').length).toBeGreaterThan(0);
    expect(calls.filter((call) => call['molecule-proof'] === undefined).length).toBeGreaterThan(0);
  },
  120_000,
);

test(verifies('B41', 'the socket answers the management MCP and nothing else, and is gone with the box'), async () => {
  bench = await openBench();
  const box = bench.plane.add(
    workspace(
      { kind: 'platform', servers: [mcpServer('molecule-platform', [], { requiredTools: [] })] },
      { orgApiKey: KEY },
    ),
  );
  await until('the registration', () => box.registers[0]);
  const socket = bench.launches(box)[0]?.socket ?? '';
  expect(socket).not.toBe('');
  expect(await status(socket, 'POST', '/mcp')).toBe(200);
  expect(bench.plane.mcpHeaders.at(-1)).toMatchObject({
    authorization: `Bearer ${KEY}`,
    'molecule-mcp-mode': 'management',
  });
  expect(await status(socket, 'POST', '/api/v1/workspaces')).toBe(404);
  expect(await status(socket, 'GET', '/mcp')).toBe(404);
  await bench.host.stop(0);
  expect(existsSync(socket)).toBe(false);
});

test(
  verifies('B41', 'an ordinary box has no such socket, and a secret by the name of the credential stays out too'),
  async () => {
    bench = await openBench();
    const box = bench.plane.add(
      workspace({ servers: [mcpServer('molecule-platform')] }, { secrets: { MOLECULE_ORG_API_KEY: 'from-a-secret' } }),
    );
    await until('the registration', () => box.registers[0]);
    expect(bench.launches(box)[0]).toMatchObject({ socket: null, orgKey: null });
  },
);

test(verifies('B41', 'a request that cannot have reached the control plane may be repeated'), async () => {
  bench = await openBench();
  const box = bench.plane.add(
    workspace(
      { kind: 'platform', servers: [mcpServer('molecule-platform', [], { requiredTools: [] })] },
      { orgApiKey: KEY },
    ),
  );
  await until('the registration', () => box.registers[0]);
  const socket = bench.launches(box)[0]?.socket ?? '';
  await bench.plane.stop();
  expect(await status(socket, 'POST', '/mcp')).toBe(503);
});

/** The headers that the caller sets must not decide who it is. */
function status(socketPath: string, method: string, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: 'Bearer another',
      'molecule-mcp-mode': 'self',
      'content-type': 'application/json',
    };
    const outgoing = request({ socketPath, method, path, headers }, (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode ?? 0));
    });
    outgoing.once('error', reject);
    outgoing.end(method === 'POST' ? JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize' }) : undefined);
  });
}

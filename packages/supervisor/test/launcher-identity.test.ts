import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { MANAGEMENT_LAUNCHER, MANAGEMENT_SERVER_NAME } from '@molecule/contracts';
import { verifies } from '@molecule/testkit/verifies';
import { afterEach, expect, test } from 'vitest';
import { type Bench, mcpServer, openBench, PROGRAMS, until, workspace } from './harness.ts';
import { testAdapter } from './test-adapter.ts';

let bench: Bench;
afterEach(async () => {
  expect(bench.plane.violations).toEqual([]);
  await bench.close();
});

const PLUGIN = join(import.meta.dirname, '../../../plugins/molecule-platform-mcp/mcp.json');

/** The management server as the plugin that comes with Molecule declares it. */
function management() {
  const { mcpServers } = JSON.parse(readFileSync(PLUGIN, 'utf8')) as {
    mcpServers: Record<string, { command: string; args: string[]; env: Record<string, string> }>;
  };
  const { command, args } = mcpServers[MANAGEMENT_SERVER_NAME] ?? { command: '', args: [] };
  return mcpServer(MANAGEMENT_SERVER_NAME, [], {
    witnessed: true,
    requiredTools: ['provision_workspace'],
    descriptor: { type: 'stdio', command, args, env: {} },
  });
}

function program(path: string, body: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
  return path;
}

/** A program in the launcher's place, which notes its launch and then is the server of the tests. */
const launcher = (folder: string, pause = ''): string =>
  program(
    join(folder, 'source', 'launcher'),
    `${pause}\nexec "${process.execPath}" "${join(PROGRAMS, 'mcp-server.mjs')}" --name ours --tools provision_workspace`,
  );

/** The runtime of the tests, found in a folder of its own, which is on the search path of its boxes. */
function runtimeIn(folder: string) {
  const adapter = testAdapter();
  const path = join(folder, 'bin', 'runtime');
  return {
    ...adapter,
    detect: async () => ({ ...(await adapter.detect({})), path, readPaths: [PROGRAMS, dirname(path)] }),
  };
}

const concierge = () =>
  workspace({ kind: 'platform', servers: [management()] }, { nonce: 'a-nonce', orgApiKey: 'org-key' });

test(
  verifies(
    'I12',
    'a foreign program with the name of the launcher, on the path of host and runtime, is not the one that is started',
  ),
  async () => {
    let foreign = '';
    let folder = '';
    bench = await openBench({
      before: (dataDir) => {
        folder = dataDir;
        foreign = program(join(dataDir, 'runtime/bin', MANAGEMENT_LAUNCHER), `touch "${dataDir}/foreign-was-started"`);
      },
      adapters: [],
    });
    await bench.host.stop(0);
    const env = { PATH: `${dirname(foreign)}:${process.env['PATH']}` };
    await bench.restart({
      env,
      adapters: [runtimeIn(join(folder, 'runtime'))],
      launcherFile: launcher(folder),
    });
    const box = bench.plane.add(concierge());
    const register = await until('the registration', () => box.registers[0]);
    expect(register.proofs.find(({ rung }) => rung === 'live')).toMatchObject({ ok: true });
    expect(register.platform_mcp_diag?.launcher_path).toBe(join(folder, 'bin', MANAGEMENT_LAUNCHER));
    expect(bench.launches(box).map(({ name }) => name)).toEqual(['ours']);
    expect(existsSync(join(folder, 'foreign-was-started'))).toBe(false);
  },
);

test(
  verifies(['I12', 'I30'], 'a program that answers as a server but lacks the required verb is no management server'),
  async () => {
    bench = await openBench({ adapters: [] });
    await bench.host.stop(0);
    const other = program(
      join(bench.dataDir, 'source', 'launcher'),
      `exec "${process.execPath}" "${join(PROGRAMS, 'mcp-server.mjs')}" --name bridge --tools list_peers,create_workspace`,
    );
    await bench.restart({ adapters: [testAdapter()], launcherFile: other });
    const box = bench.plane.add(concierge());
    const register = await until('the registration', () => box.registers[0]);
    expect(register.proofs.find(({ rung }) => rung === 'live')).toMatchObject({
      ok: false,
      reason: 'required_tool_missing',
    });
    expect(register.mcp_tools_ready).toBe(false);
  },
);

test(
  verifies(
    ['I26', 'I11'],
    'a launcher that is not there is said in the report and in an event, and nothing else takes its place',
  ),
  async () => {
    bench = await openBench();
    const box = bench.plane.add(concierge());
    const register = await until('the registration', () => box.registers[0]);
    expect(register).toMatchObject({
      mcp_tools_ready: false,
      platform_mcp_diag: { is_concierge: true, settings_entry_present: true, launcher_path: null },
    });
    expect(register.proofs.find(({ rung }) => rung === 'live')).toMatchObject({
      ok: false,
      reason: 'command_not_found',
      evidence: { command: MANAGEMENT_LAUNCHER },
    });
    const event = await until('the event', () => box.bootEvents.find(({ step, ok }) => step === 'prove' && !ok));
    expect(event).toMatchObject({ code: 'command_not_found', nextStep: expect.stringContaining('molecule ws why') });
    expect(bench.launches(box)).toEqual([]);
  },
);

test(
  verifies(
    ['B107', 'I44'],
    'the management server starts from what is on the machine, without a network, and its cold launch is measured',
  ),
  async () => {
    bench = await openBench({ adapters: [], sandbox: 'auto' });
    await bench.host.stop(0);
    await bench.restart({ adapters: [testAdapter()], launcherFile: launcher(bench.dataDir, 'sleep 0.4') });
    const { descriptor } = management();
    // No package runner and no version that a registry would have to find.
    expect(descriptor).toMatchObject({ command: MANAGEMENT_LAUNCHER, args: [] });
    const box = bench.plane.add(concierge());
    const register = await until('the registration', () => box.registers[0]);
    expect(register.isolation).toMatchObject({ mechanism: 'bubblewrap' });
    const live = register.proofs.find(({ rung }) => rung === 'live');
    expect(live).toMatchObject({ ok: true });
    expect(live?.durationMs).toBeGreaterThanOrEqual(400);
    const event = await until('the event', () => box.bootEvents.find(({ step }) => step === 'prove'));
    expect(event.durationMs).toBe(live?.durationMs);
  },
);

test(
  verifies('B73', 'an interpreter that lies beside the runtime is found by the probe and by the agent alike'),
  async () => {
    let folder = '';
    bench = await openBench({
      before: (dataDir) => {
        folder = join(dataDir, 'runtime/bin');
        mkdirSync(folder, { recursive: true });
        symlinkSync(process.execPath, join(folder, 'odd-interpreter'));
      },
      adapters: [],
    });
    await bench.host.stop(0);
    await bench.restart({ adapters: [runtimeIn(join(bench.dataDir, 'runtime'))] });
    const args = [join(PROGRAMS, 'mcp-server.mjs'), '--name', 'odd'];
    const box = bench.plane.add(
      workspace({
        servers: [mcpServer('odd', [], { descriptor: { type: 'stdio', command: 'odd-interpreter', args, env: {} } })],
      }),
    );
    const register = await until('the registration', () => box.registers[0]);
    expect(register.proofs.find(({ rung }) => rung === 'live')).toMatchObject({ ok: true, reason: null });
    const task = bench.plane.addTask(box, 'env PATH');
    const { text } = await until('a result', () => task.result);
    expect(text.split(':')).toContain(folder);
  },
);

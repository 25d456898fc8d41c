// Cost of the proof of one stdio server beside the server's own bare start: spawn to the list of its tools, ended in the same way.
//   node bench/proof.mjs [--rounds 21]      bound: 1.2 times the bare start
// The two take turns, so that whatever else the machine does meets both alike. `in a box` adds the walls of the sandbox to the proof.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { adapterFor, boxLayout } from '../packages/adapters/dist/index.js';
import { processBackend, proveServer } from '../packages/supervisor/dist/index.js';
import { report } from './support/report.mjs';
import { median } from './support/statistics.mjs';

const LIMIT = 1.2;
const rounds = Number(process.argv[process.argv.indexOf('--rounds') + 1]) || 21;
const root = mkdtempSync(join(tmpdir(), 'molecule-bench-'));
const layout = boxLayout(root);
for (const folder of [layout.home, layout.work, layout.run]) mkdirSync(folder, { recursive: true });
const program = join(layout.home, 'server.mjs');
// The smallest server there can be: whatever the proof adds weighs most here.
writeFileSync(
  program,
  `import { createInterface } from 'node:readline';
const send = (message) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', ...message }) + '\\n');
for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line);
  if (method === 'initialize') send({ id, result: { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 's', version: '1' } } });
  if (method === 'tools/list') send({ id, result: { tools: [{ name: 'look_up', inputSchema: { type: 'object' } }] } });
}
`,
);
const env = { PATH: process.env.PATH ?? '', HOME: layout.home, LANG: 'C.UTF-8', TOKEN: 'x' };
const descriptor = { type: 'stdio', command: process.execPath, args: [program], env: { TOKEN: '${TOKEN}' } };
const server = {
  name: 'bench',
  plugin: 'p',
  required: true,
  requiredTools: ['look_up'],
  witnessed: false,
  descriptor,
};
const adapter = adapterFor('claude-code');
const walls = (name) => ({
  writable: [layout.home, layout.work],
  readable: [process.execPath.replace(/\/bin\/node$/, '')],
  home: layout.home,
  egress: [],
  apiUrl: 'http://127.0.0.1:1',
  recordFolder: join(layout.run, name),
});
const open = async (sandbox) =>
  processBackend({ stateFolder: join(layout.run, 'sandbox'), sandbox }).open(walls(sandbox));
const [plain, box] = [await open('none'), await open('auto')];

const times = { bare: [], proof: [], 'in a box': [] };
for (let round = -2; round < rounds; round += 1) {
  for (const [name, run] of [
    ['bare', bare],
    ['proof', () => prove(plain)],
    ['in a box', () => prove(box)],
  ]) {
    const started = performance.now();
    await run();
    if (round >= 0) times[name].push(performance.now() - started);
  }
}
await Promise.all([plain.close(0), box.close(0)]);
rmSync(root, { recursive: true, force: true });

const base = median(times.bare);
const ratio = median(times.proof) / base;
report(
  'proof of a stdio server',
  `${ratio.toFixed(2)} x its bare start`,
  `${LIMIT} x`,
  ratio <= LIMIT,
  `${median(times.proof).toFixed(1)} ms, bare ${base.toFixed(1)} ms`,
);
console.log(
  `   the same in a box: ${(median(times['in a box']) / base).toFixed(2)} x its bare start, ${median(times['in a box']).toFixed(1)} ms`,
);

async function prove(opened) {
  const { proofs } = await proveServer({
    adapter,
    server,
    loaded: descriptor,
    rendering: { ok: true, reason: null },
    delivered: null,
    inspection: undefined,
    runtimeEnv: env,
    cwd: layout.work,
    spawn: (plan) => opened.spawn(plan),
    nonce: null,
    mayReach: () => false,
  });
  const live = proofs.at(-1);
  if (live.rung !== 'live' || !live.ok) throw new Error(`the proof failed: ${JSON.stringify(live)}`);
}

/** What an agent's own client does at the least. */
async function bare() {
  const child = spawn(process.execPath, [program], { env, cwd: layout.work, stdio: ['pipe', 'pipe', 'ignore'] });
  const exited = new Promise((resolve) => child.once('close', resolve));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async (id, method, params) => {
    child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
    return JSON.parse((await lines.next()).value);
  };
  await ask(1, 'initialize', {
    protocolVersion: '2025-06-18',
    capabilities: {},
    clientInfo: { name: 'bench', version: '1' },
  });
  child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' })}\n`);
  const { result } = await ask(2, 'tools/list', {});
  if (result.tools.length !== 1) throw new Error('the server lists no tool');
  child.stdin.end();
  await exited;
}

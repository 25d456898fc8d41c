// Launcher, spawn to `tools/list` answered, against a bare `node -e 0` in the same run, and its memory against a bare idle node.
//   node bench/launcher.mjs [--runs 25]
// Needs a running installation: MOLECULE_API_URL and MOLECULE_ORG_API_KEY, or the data directory of `up` in MOLECULE_DATA_DIR.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { report } from './support/report.mjs';
import { memoryOf } from './support/smaps.mjs';
import { median, spread } from './support/statistics.mjs';

const runs = Number(process.argv[process.argv.indexOf('--runs') + 1] || 25) || 25;
const launcher = fileURLToPath(
  new URL('../packages/management-mcp/dist/launcher/molecule-platform-mcp.cjs', import.meta.url),
);
const { url, token } = process.env.MOLECULE_API_URL
  ? { url: process.env.MOLECULE_API_URL, token: process.env.MOLECULE_ORG_API_KEY }
  : JSON.parse(readFileSync(`${process.env.MOLECULE_DATA_DIR}/run/client.json`, 'utf8'));
const env = {
  PATH: process.env.PATH,
  MOLECULE_MCP_MODE: 'management',
  MOLECULE_API_URL: url,
  MOLECULE_ORG_API_KEY: token,
};

function bare() {
  const started = performance.now();
  return new Promise((resolve) =>
    spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' }).on('exit', () => resolve(performance.now() - started)),
  );
}

/** Initialises, lists the tools, and gives the time until the list came; `look` sees the process before it ends. */
function listTools(look = async () => undefined) {
  const started = performance.now();
  const child = spawn(process.execPath, [launcher], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  const send = (message) => child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  let text = '';
  return new Promise((resolve, reject) => {
    child.on('exit', (code) => reject(new Error(`the launcher ended with ${code}`)));
    child.stdout.on('data', async (chunk) => {
      text += chunk;
      const lines = text.split('\n');
      text = lines.pop();
      for (const line of lines) {
        const message = JSON.parse(line);
        if (message.id === 1) {
          send({ method: 'notifications/initialized' });
          send({ id: 2, method: 'tools/list' });
        } else if (message.id === 2) {
          const ms = performance.now() - started;
          if (!message.result.tools.some((tool) => tool.name === 'provision_workspace'))
            reject(new Error('the tool is missing'));
          const seen = await look(child.pid);
          child.removeAllListeners('exit');
          child.stdin.end();
          child.on('exit', () => resolve({ ms, seen }));
        }
      }
    });
    send({
      id: 1,
      method: 'initialize',
      params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'bench', version: '1' } },
    });
  });
}

async function bareMemory() {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e9)'], { stdio: 'ignore' });
  await new Promise((resolve) => setTimeout(resolve, 300));
  const memory = memoryOf(child.pid);
  child.kill();
  return memory;
}

await listTools();
const [bareMs, launcherMs] = [[], []];
for (let i = 0; i < runs; i += 1) {
  bareMs.push(await bare());
  launcherMs.push((await listTools()).ms);
}
const ratio = median(launcherMs) / median(bareMs);
report(
  'launcher, spawn to tools/list',
  `${ratio.toFixed(2)} x bare node`,
  '1.8 x',
  ratio <= 1.8,
  `${median(launcherMs).toFixed(1)} ms (${spread(launcherMs)}) against ${median(bareMs).toFixed(1)} ms (${spread(bareMs)})`,
);

const settled = (pid) => new Promise((resolve) => setTimeout(() => resolve(memoryOf(pid)), 150));
const own = (await listTools(settled)).seen;
const plain = await bareMemory();
report(
  'launcher, memory',
  `${(own.rss / plain.rss).toFixed(2)} x bare node`,
  '1.2 x',
  own.rss / plain.rss <= 1.2,
  `RSS ${own.rss.toFixed(1)} against ${plain.rss.toFixed(1)} MiB, private ${own.private.toFixed(1)} against ${plain.private.toFixed(1)} MiB`,
);

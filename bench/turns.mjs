// Chat turns through Molecule with the real Claude Code on the scripted model, against the same CLI by hand on the same model, interleaved in one run. Cold: the first
// message of a new workspace against `claude -p`. Warm: further messages against a process of its own that is kept (`--input-format stream-json`). Both have one MCP server.
//   node bench/turns.mjs [--cold 5] [--warm 15]       (needs tests/runtimes/node_modules)
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startScriptedServer } from '@molecule/models/server';
import { bareClaude } from './support/bare-claude.mjs';
import { cleanEnv, startInstallation } from './support/installation.mjs';
import { report } from './support/report.mjs';
import { median, spread } from './support/statistics.mjs';
import { atRest, create, online, turn, watchTurns } from './support/turn-watch.mjs';

const option = (name, standard) =>
  process.argv.includes(name) ? Number(process.argv[process.argv.indexOf(name) + 1]) : standard;
const [colds, warms] = [option('--cold', 5), option('--warm', 15)];
const claude = realpathSync(fileURLToPath(new URL('../tests/runtimes/node_modules/.bin/claude', import.meta.url)));
const launcher = fileURLToPath(
  new URL('../packages/management-mcp/dist/launcher/molecule-platform-mcp.cjs', import.meta.url),
);
const PROMPT = 'Say hello.';
const folder = mkdtempSync(join(tmpdir(), 'molecule-bench-turns-'));
const model = await startScriptedServer();
const installation = await startInstallation({
  args: ['--no-concierge', '--runtime', 'claude-code', '--model', 'demo/scripted'],
  env: cleanEnv({ MOLECULE_CLAUDE_CODE_PATH: claude }),
});
const watch = await watchTurns(installation);
const mcp = join(folder, 'mcp.json');
writeFileSync(
  mcp,
  JSON.stringify({
    mcpServers: {
      molecule: {
        command: process.execPath,
        args: [launcher],
        env: {
          MOLECULE_MCP_MODE: 'management',
          MOLECULE_API_URL: installation.url,
          MOLECULE_ORG_API_KEY: installation.token,
        },
      },
    },
  }),
  { mode: 0o600 },
);

const bare = bareClaude({ claude, mcp, model: model.url, folder });
let kept = null;

try {
  const cold = { bare: [], ours: [] };
  let last = null;
  for (let n = 0; n < colds; n += 1) {
    const id = await create(installation, `cold-${n}`);
    await online(installation, id);
    await atRest(installation, id);
    cold.bare.push(await bare.cold(PROMPT));
    cold.ours.push((await turn(installation, watch, id, PROMPT)).ms);
    if (last !== null) await installation.call('POST', `/workspaces/${last}/pause`, {});
    last = id;
  }
  const limit = median(cold.bare) * 1.1 + 50;
  report(
    'cold chat turn with Claude Code',
    `${median(cold.ours).toFixed(0)} ms`,
    `1.1 x bare + 50 = ${limit.toFixed(0)} ms`,
    median(cold.ours) <= limit,
    `${spread(cold.ours)}; bare ${median(cold.bare).toFixed(0)} ms (${spread(cold.bare)})`,
  );

  const warm = { bare: [], ours: [], leased: [] };
  kept = bare.warm();
  await kept.turn(PROMPT);
  for (let n = 0; n < warms; n += 1) {
    warm.bare.push(await kept.turn(PROMPT));
    const { ms, leased } = await turn(installation, watch, last, PROMPT);
    warm.ours.push(ms);
    warm.leased.push(leased);
  }
  const warmLimit = median(warm.bare) * 1.5 + 30;
  report(
    'warm chat turn with Claude Code',
    `${median(warm.ours).toFixed(0)} ms`,
    `1.5 x bare + 30 = ${warmLimit.toFixed(0)} ms`,
    median(warm.ours) <= warmLimit,
    `${spread(warm.ours)}, leased after ${median(warm.leased).toFixed(0)}; bare ${median(warm.bare).toFixed(0)} ms (${spread(warm.bare)})`,
  );
} finally {
  watch.close();
  await kept?.end();
  await installation.stop();
  installation.remove();
  await model.close();
  rmSync(folder, { recursive: true, force: true });
}

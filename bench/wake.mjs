// Wake of an agent that does nothing: message taken in → ordered → leased → its command started in the sandbox → its end → result stored and heard. The command is
// a shell script in place of a runtime's, which runs /bin/true and says that it is done; so what is left is our own work, and that of the sandbox.
//   node bench/wake.mjs [--runs 30]
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cleanEnv, startInstallation } from './support/installation.mjs';
import { report } from './support/report.mjs';
import { median, spread } from './support/statistics.mjs';
import { atRest, create, online, turn, watchTurns } from './support/turn-watch.mjs';

const at = process.argv.indexOf('--runs');
const runs = at < 0 ? 30 : Number(process.argv[at + 1]);
const SCRIPT = `#!/bin/sh
if [ "$1" = --version ]; then echo '2.1.329 (Claude Code)'; exit; fi
read -r line
case "$line" in *mcp_status*) echo '{"type":"control_response","response":{"subtype":"success","request_id":"status","response":{"mcpServers":[]}}}'; exit;; esac
/bin/true
echo '{"type":"system","subtype":"init","session_id":"none","model":"none"}'
echo '{"type":"result","subtype":"success","result":"done","session_id":"none"}'
`;
const folder = mkdtempSync(join(tmpdir(), 'molecule-bench-wake-'));
const script = join(folder, 'claude');
writeFileSync(script, SCRIPT);
chmodSync(script, 0o755);
const bare = [];
for (let n = 0; n < runs; n += 1) {
  const from = performance.now();
  spawnSync(script, { input: 'x\n' });
  bare.push(performance.now() - from);
}
const installation = await startInstallation({
  args: ['--no-concierge', '--runtime', 'claude-code'],
  env: cleanEnv({ MOLECULE_CLAUDE_CODE_PATH: script }),
});
const watch = await watchTurns(installation);
try {
  const id = await create(installation, 'sleeper');
  await online(installation, id);
  await atRest(installation, id);
  await turn(installation, watch, id, 'first');
  const turns = [];
  for (let n = 0; n < runs; n += 1) turns.push(await turn(installation, watch, id, 'wake up'));
  const ms = turns.map((each) => each.ms);
  const parts = `posted ${median(turns.map((each) => each.posted)).toFixed(0)}, heard to be leased ${median(turns.map((each) => each.leased)).toFixed(0)}, the script alone ${median(bare).toFixed(0)} ms`;
  report(
    'wake of an agent that runs /bin/true',
    `${median(ms).toFixed(0)} ms (${spread(ms)})`,
    '60 ms',
    median(ms) <= 60,
    `${parts}; Paperclip took 273 ms on this kind of machine`,
  );
} finally {
  watch.close();
  await installation.stop();
  installation.remove();
  rmSync(folder, { recursive: true, force: true });
}

// The plugin channel: install of a 100-file plugin from a local git server to proved; restart with 20 plugins from the cache; desired sets of 10,000 workspaces.
//   node bench/plugins.mjs [--runs 7] [--workspaces 10000]
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { newPlugin } from '../packages/plugins/dist/index.js';
import { gitServer } from '../packages/plugins/test/servers/git-server.ts';
import { measureDesiredSets } from './support/desired-sets.mjs';
import { cleanEnv, startInstallation } from './support/installation.mjs';
import { report } from './support/report.mjs';
import { median, spread } from './support/statistics.mjs';

const { values: flags } = parseArgs({
  options: { runs: { type: 'string', default: '7' }, workspaces: { type: 'string', default: '10000' } },
});
const runs = Number(flags.runs);
const workspaces = Number(flags.workspaces);
const FILES = 100;
const PLUGINS = 20;
const SETTLED = ['online', 'failed', 'degraded'];

const git = await gitServer();
const house = await startInstallation({ env: cleanEnv({ MOLECULE_ALLOW_LOOPBACK_SOURCES: '1' }) });
const folder = mkdtempSync(join(tmpdir(), 'molecule-bench-plugins-'));
try {
  for (const name of ['bench', 'bare']) {
    await house.call('POST', '/workspaces', { name });
    await settled(name);
  }
  await measureInstall();
  await measureRestart();
} finally {
  await house.stop();
  house.remove();
  await git.close();
  rmSync(folder, { recursive: true, force: true });
}
const sets = await measureDesiredSets(workspaces);
report(
  `desired sets of ${workspaces} workspaces after a catalogue change`,
  `${(sets.totalMs / 1000).toFixed(2)} s`,
  '5 s',
  sets.totalMs < 5_000,
  `rows read in ${Math.round(sets.readMs)} ms, ${sets.servers} servers`,
);

async function measureInstall() {
  const own = Object.fromEntries(newPlugin('hundred').map((file) => [file.path, file.content.toString()]));
  const [total, rest] = [[], []];
  for (let run = 0; run <= runs; run += 1) {
    const more = Object.fromEntries(
      Array.from({ length: FILES - 5 }, (_, index) => [`data/${index}.txt`, `${run} ${index} ${'x'.repeat(2000)}`]),
    );
    git.commit('o/hundred', { ...own, ...more });
    const started = performance.now();
    const { proof, timing } = await house.call('POST', '/workspaces/bench/plugins', {
      source: `git+${git.url}/o/hundred#main`,
      waitSeconds: 30,
    });
    if (proof.state !== 'proved') throw new Error(JSON.stringify(proof));
    if (run > 0) {
      total.push(performance.now() - started);
      rest.push(performance.now() - started - timing.foreignMs);
    }
    await house.call('DELETE', '/workspaces/bench/plugins/hundred?waitSeconds=30');
  }
  report(
    'install of a 100-file plugin from git to proved, median',
    `${Math.round(median(total))} ms`,
    '2000 ms',
    median(total) < 2_000,
    `${spread(total)}, ${runs} runs`,
  );
  report(
    'the part of it that is not git',
    `${Math.round(median(rest))} ms`,
    '400 ms',
    median(rest) < 400,
    spread(rest),
  );
}

async function measureRestart() {
  for (let index = 0; index < PLUGINS; index += 1) {
    const root = join(folder, `p${index}`);
    mkdirSync(join(root, 'skills', `skill-${index}`), { recursive: true });
    writeFileSync(
      join(root, 'plugin.json'),
      JSON.stringify({ name: `plugin-${index}`, version: '1.0.0', description: 'bench' }),
    );
    writeFileSync(
      join(root, 'skills', `skill-${index}`, 'SKILL.md'),
      `---\nname: skill-${index}\ndescription: bench\n---\n`,
    );
    await house.call('POST', '/workspaces/bench/plugins', { source: `file:${root}`, waitSeconds: 10 });
  }
  // The two take turns, so that a busy machine disturbs both alike.
  const [without, withPlugins] = [[], []];
  for (let run = 0; run < runs; run += 1) {
    without.push(await restart('bare'));
    withPlugins.push(await restart('bench'));
  }
  const added = median(withPlugins) - median(without);
  report(
    `${PLUGINS} plugins from the cache add to a restart`,
    `${Math.round(added)} ms`,
    '100 ms',
    added < 100,
    `${Math.round(median(without))} ms without, ${Math.round(median(withPlugins))} ms with`,
  );
}

/** Length of the boot by the box's own steps: from enrolment to the report, without the time until a host takes it up. */
async function restart(name) {
  const before = await settled(name);
  // Not among the newest steps after many changes.
  const last = (await newest(name, 'register')) || 0;
  await house.call('POST', `/workspaces/${name}/restart`, {});
  const now = await settled(name, before.onlineAt);
  if (now.status !== 'online') throw new Error(`${name} is ${now.status}`);
  // The steps come in small batches, a moment later.
  for (;;) {
    const [begun, ended] = [await newest(name, 'enrol'), await newest(name, 'register')];
    if (ended > last && ended >= begun) return ended - begun;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** When a step was last taken, in ms; the list begins with the newest. */
async function newest(name, step) {
  const { items } = await house.call('GET', `/workspaces/${name}/boot-events?limit=200`);
  return Date.parse(items.find((event) => event.step === step)?.at);
}

async function settled(name, notOnlineAt = null) {
  for (;;) {
    const workspace = await house.call('GET', `/workspaces/${name}`);
    if (SETTLED.includes(workspace.status) && workspace.onlineAt !== notOnlineAt) return workspace;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

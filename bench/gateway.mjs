/**
 * What the model gateway costs: the same streams against the same local upstream, asked directly, through a bare node proxy (pipe and nothing else), and
 * through the gateway (token check, metering, usage rows in a real PostgreSQL). Each runs in a process of its own; the three take turns, so that a busy machine
 * disturbs all alike.
 *
 * node bench/gateway.mjs [--seconds 4] [--rounds 5] [--streams 10000] [--budget]    (after `npx tsc -b`)
 *
 * 1. first byte: 100 streams at once, one event every 20 ms per stream; added time to the first byte, p50 and p99
 * 2. throughput: streams of small events as fast as they go; events a second beside the bare proxy
 * 3. memory: resident size of the gateway over many streams, from the first fifth to the last
 *
 * With `--budget` every call is under a budget of its org, so each is reserved in the database before it leaves.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { report } from './support/report.mjs';
import { median, percentile } from './support/statistics.mjs';

const PROCESSES = fileURLToPath(new URL('./support/gateway-processes.mjs', import.meta.url));
const { values: flags } = parseArgs({
  options: {
    seconds: { type: 'string', default: '4' },
    rounds: { type: 'string', default: '5' },
    streams: { type: 'string', default: '10000' },
    budget: { type: 'boolean', default: false },
  },
});
const seconds = Number(flags.seconds);
const rounds = Number(flags.rounds);
const streams = Number(flags.streams);
const under = flags.budget ? ', under a budget' : '';

const up = start('upstream');
const { url: upstreamUrl } = await up.first;
const bare = start('proxy', upstreamUrl);
const house = start('gateway', upstreamUrl, flags.budget ? 'budget' : '');
const runner = start('client');
try {
  const targets = {
    direct: { url: upstreamUrl, token: 'x' },
    bare: { ...(await bare.first), token: 'x' },
    gateway: await house.first,
  };
  await runner.first;
  const run = async (name, more) => {
    const seen = await runner.ask({ ...targets[name], ...more });
    if (seen.failed > 0) throw new Error(`${seen.failed} calls failed (${name})`);
    return seen;
  };
  const names = Object.keys(targets);
  await measureFirstByte(names, run);
  await measureThroughput(names, run);
  await measureMemory(run);
} finally {
  for (const each of [up, bare, runner]) each.child.kill();
  // It stops its database before it ends.
  if (house.child.connected) house.child.send('stop');
}

async function measureFirstByte(names, run) {
  await up.ask('slow');
  // A gateway runs for weeks: its code is compiled before it is measured.
  for (const name of names) await run(name, { concurrent: 100, seconds: 2 * seconds });
  const firsts = { direct: [], bare: [], gateway: [] };
  for (let round = 0; round < rounds; round += 1)
    for (const name of names) firsts[name].push(...(await run(name, { concurrent: 100, seconds })).firsts);
  for (const [label, share, bound] of [
    ['p50', 0.5, 1],
    ['p99', 0.99, 5],
  ]) {
    const [direct, proxied, through] = names.map((name) => percentile(firsts[name], share));
    const added = through - direct;
    report(
      `first byte at 100 streams${under}, ${label} added`,
      `${added.toFixed(2)} ms`,
      `${bound} ms`,
      added <= bound,
      `direct ${direct.toFixed(2)}, bare proxy ${proxied.toFixed(2)}, gateway ${through.toFixed(2)} ms; ${firsts.gateway.length} streams`,
    );
  }
}

async function measureThroughput(names, run) {
  const { eventBytes } = await up.ask('fast');
  const rates = { direct: [], bare: [], gateway: [] };
  for (let round = 0; round < rounds; round += 1) {
    for (const name of names) {
      const seen = await run(name, { concurrent: 20, seconds });
      rates[name].push(seen.bytes / eventBytes / seen.seconds);
    }
  }
  const [direct, proxied, through] = names.map((name) => median(rates[name]));
  const share = Math.round((through / proxied) * 100);
  report(
    `events a second${under}, of a bare proxy's`,
    `${share} %`,
    '80 %',
    share >= 80,
    `direct ${Math.round(direct)}, bare proxy ${Math.round(proxied)}, gateway ${Math.round(through)}`,
  );
}

async function measureMemory(run) {
  await up.ask('short');
  const marks = [];
  for (let part = 0; part < 5; part += 1) {
    await run('gateway', { concurrent: 100, seconds: 0, count: streams / 5 });
    marks.push(await house.ask('memory'));
  }
  const mb = (bytes) => Math.round(bytes / 1e6);
  const [first, last] = [marks[0], marks.at(-1)];
  report(
    `memory after ${streams} streams, of that after a fifth`,
    `${Math.round((last.memory / first.memory) * 100)} %`,
    '110 %',
    last.memory <= first.memory * 1.1,
    `${marks.map(({ memory, heap }) => `${mb(memory)} MB (heap ${mb(heap)})`).join(', ')}`,
  );
  const { usage } = await house.ask('usage');
  if (Number(usage.output) === 0) throw new Error('nothing was metered');
}

function start(role, ...args) {
  const child = fork(PROCESSES, [role, ...args], { execArgv: ['--expose-gc'] });
  return { child, ask: (message) => answer(child, () => child.send(message)), first: answer(child, () => {}) };
}

function answer(child, send) {
  return new Promise((resolve, reject) => {
    const gone = (code) => reject(new Error(`a process ended with ${code}`));
    child.once('exit', gone);
    child.once('message', (message) => {
      child.off('exit', gone);
      resolve(message);
    });
    send();
  });
}

// Heartbeats over HTTP against the same route with nothing behind it, in one process and one run; and that every acknowledged change is stored.
//   node bench/heartbeats.mjs [--seconds 5] [--rounds 3] [--boxes 1000]
import autocannon from 'autocannon';
import { beatAll, beatOf, startFleet } from './support/fleet.mjs';
import { report } from './support/report.mjs';
import { median } from './support/statistics.mjs';

const option = (name, standard) =>
  process.argv.includes(name) ? Number(process.argv[process.argv.indexOf(name) + 1]) : standard;
const duration = option('--seconds', 5);
const rounds = option('--rounds', 3);
const fleet = await startFleet(option('--boxes', 1000));
try {
  // Twice: the first beat stores what it says, and its event has what was learned forgotten once more.
  for (let round = 0; round < 3; round += 1) await beatAll(fleet.url, fleet.boxes);
  const requests = fleet.boxes.map((box) => ({
    method: 'POST',
    path: '/api/v1/registry/heartbeat',
    headers: { authorization: `Bearer ${box.token}`, 'content-type': 'application/json' },
    body: beatOf(box),
  }));
  const shoot = (url) => autocannon({ url, connections: 50, duration, requests });
  await shoot(fleet.url);
  const rates = { empty: [], whole: [] };
  const before = (await fleet.ask({ type: 'cost' })).transactions;
  let bad = 0;
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, url] of [
      ['empty', fleet.emptyUrl],
      ['whole', fleet.url],
    ]) {
      const result = await shoot(url);
      bad += result.non2xx + result.errors;
      rates[name].push(result.requests.average);
    }
  }
  const spent = (await fleet.ask({ type: 'cost' })).transactions - before;
  const share = median(rates.whole) / median(rates.empty);
  report(
    'heartbeats that change nothing',
    `${(share * 100).toFixed(0)} % of the empty route`,
    '70 %',
    share >= 0.7 && bad === 0,
    `${median(rates.whole).toFixed(0)} against ${median(rates.empty).toFixed(0)} beats/s (${rates.whole.map(Math.round).join(', ')}; ${rates.empty.map(Math.round).join(', ')}), ${bad} not 2xx, ${(spent / (rounds * duration * 2)).toFixed(1)} transactions/s meanwhile`,
  );

  const started = performance.now();
  await beatAll(fleet.url, fleet.boxes, (n) => ({ loaded_mcp_tools: [`mcp__a2a__tool${n}`] }));
  const seconds = (performance.now() - started) / 1000;
  const { rows } = await fleet.ask({ type: 'stored', ids: fleet.boxes.map((box) => box.workspaceId) });
  const stored = new Map(rows.map((row) => [row.id, row.self_report.loaded_mcp_tools?.[0]]));
  const lost = fleet.boxes.filter((box, n) => stored.get(box.workspaceId) !== `mcp__a2a__tool${n}`).length;
  report(
    'changes that were acknowledged',
    `${fleet.boxes.length - lost} of ${fleet.boxes.length} stored`,
    'all',
    lost === 0,
    `${(fleet.boxes.length / seconds).toFixed(0)} changes/s`,
  );
} finally {
  await fleet.stop();
}

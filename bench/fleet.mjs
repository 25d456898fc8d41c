// What a calm fleet costs: simulated workspaces that beat every 30 s and change nothing, server and database together.
//   node bench/fleet.mjs [--boxes 10000] [--seconds 60]
import { beat, beatAll, startFleet } from './support/fleet.mjs';
import { processesOf } from './support/installation.mjs';
import { report } from './support/report.mjs';
import { memoryOf, watchCpu } from './support/smaps.mjs';

const option = (name, standard) =>
  process.argv.includes(name) ? Number(process.argv[process.argv.indexOf(name) + 1]) : standard;
const [count, seconds] = [option('--boxes', 10_000), option('--seconds', 60)];
const INTERVAL_MS = 30_000;
const STEP_MS = 20;
const fleet = await startFleet(count);
try {
  for (let round = 0; round < 3; round += 1) await beatAll(fleet.url, fleet.boxes);
  await new Promise((resolve) => setTimeout(resolve, 3000));
  const before = (await fleet.ask({ type: 'cost' })).transactions;
  const pids = processesOf(fleet.dataDir);
  const used = watchCpu(pids);
  const started = performance.now();
  let [sent, failed, next] = [0, 0, 0];
  const due = (now) => Math.floor(((now - started) / INTERVAL_MS) * count);
  await new Promise((resolve) => {
    const timer = setInterval(() => {
      const now = performance.now();
      for (; next < due(now); next += 1) {
        sent += 1;
        beat(fleet.url, fleet.boxes[next % count]).catch(() => (failed += 1));
      }
      if (now - started < seconds * 1000) return;
      clearInterval(timer);
      resolve();
    }, STEP_MS);
  });
  const elapsed = (performance.now() - started) / 1000;
  const cpu = used() / elapsed;
  const rate = ((await fleet.ask({ type: 'cost' })).transactions - before) / elapsed;
  report(
    `${count} workspaces at 30 s`,
    `${(cpu * 100).toFixed(1)} % of a core`,
    '10 %',
    cpu < 0.1 && failed === 0,
    `${(sent / elapsed).toFixed(0)} beats/s, ${failed} failed; server ${memoryOf(fleet.pid).pss.toFixed(0)} MiB PSS`,
  );
  report('transactions while nothing changes', `${rate.toFixed(1)}/s`, '10/s', rate <= 10);
} finally {
  await fleet.stop();
}

// From provision to witnessed online, and a second `up` to a proved concierge.
//   node bench/lifecycle.mjs [--runs 9]
import { startInstallation } from './support/installation.mjs';
import { report } from './support/report.mjs';
import { median, spread } from './support/statistics.mjs';

const at = process.argv.indexOf('--runs');
const runs = at < 0 ? 9 : Number(process.argv[at + 1]);
let installation = await startInstallation();
const { dataDir } = installation;
try {
  const online = [];
  for (let run = 0; run < runs; run += 1) {
    const started = performance.now();
    const { id } = await installation.call('POST', '/workspaces', { name: `bench-${run}` });
    for (;;) {
      const { status } = await installation.call('GET', `/workspaces/${id}`);
      if (status === 'online') break;
      if (performance.now() - started > 20_000) throw new Error(`still ${status}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    online.push(performance.now() - started);
  }
  report(
    'provision to proved online',
    `${median(online).toFixed(0)} ms`,
    '700 ms',
    median(online) < 700,
    spread(online),
  );
  const again = [];
  for (let run = 0; run < Math.ceil(runs / 3); run += 1) {
    await installation.stop();
    installation = await startInstallation({ dataDir });
    if (installation.concierge.status !== 'online')
      throw new Error(`the concierge is ${installation.concierge.status}`);
    again.push(installation.readyMs);
  }
  report(
    'second up to concierge online',
    `${(median(again) / 1000).toFixed(2)} s`,
    '2.5 s',
    median(again) < 2500,
    `${spread(again)} ms; Paperclip took 3.4 s to healthy on this kind of machine`,
  );
} finally {
  await installation.stop();
  installation.remove();
}

// Memory and processor time of an idle, empty installation: control plane, database, box host and its concierge.
//   node bench/idle.mjs [--seconds 60] [--settle 10]      (how long it rests before it is watched)
import { readFileSync } from 'node:fs';
import { processesOf, startInstallation } from './support/installation.mjs';
import { report } from './support/report.mjs';
import { memoryOf, watchCpu } from './support/smaps.mjs';

const option = (name, standard) =>
  process.argv.includes(name) ? Number(process.argv[process.argv.indexOf(name) + 1]) : standard;
const [seconds, settle] = [option('--seconds', 60), option('--settle', 10)];
const installation = await startInstallation();
try {
  await new Promise((resolve) => setTimeout(resolve, settle * 1000));
  const pids = processesOf(installation.dataDir);
  const used = watchCpu(pids);
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const cpu = used() / seconds;
  // Connections come and go, and their processes with them.
  const found = processesOf(installation.dataDir).flatMap((pid) => {
    try {
      return [{ name: readFileSync(`/proc/${pid}/comm`, 'utf8').trim(), pss: memoryOf(pid).pss }];
    } catch {
      return [];
    }
  });
  const pss = found.reduce((sum, each) => sum + each.pss, 0);
  const parts = found.map((each) => `${each.name} ${each.pss.toFixed(0)}`).join(', ');
  report('idle memory', `${pss.toFixed(0)} MiB PSS in ${found.length} processes`, '250 MiB', pss <= 250, parts);
  report('idle processor time', `${(cpu * 100).toFixed(2)} % of a core`, '0.5 %', cpu <= 0.005, `${seconds} s`);
} finally {
  await installation.stop();
  installation.remove();
}

// List and write routes at 20 connections, against a bare `node:http` server in the same run, and against what Paperclip 2026.916.1 reached on
// this kind of machine (295 and 64 requests a second, measured before; 2 cores shared with the client in both cases).
//   node bench/routes.mjs [--seconds 8] [--rounds 3]
import { createServer } from 'node:http';
import autocannon from 'autocannon';
import { startInstallation } from './support/installation.mjs';
import { report } from './support/report.mjs';
import { median } from './support/statistics.mjs';

const PAPERCLIP = { list: 295, write: 64 };
const option = (name, standard) =>
  process.argv.includes(name) ? Number(process.argv[process.argv.indexOf(name) + 1]) : standard;
const [duration, rounds] = [option('--seconds', 8), option('--rounds', 3)];

const bare = createServer((request, response) => {
  request.resume();
  response.setHeader('content-type', 'application/json').end('{"items":[],"nextCursor":null}');
});
await new Promise((resolve) => bare.listen(0, '127.0.0.1', resolve));
const bareUrl = `http://127.0.0.1:${bare.address().port}`;
const installation = await startInstallation();
try {
  const authorization = `Bearer ${installation.token}`;
  const workspace = await installation.call('POST', '/workspaces', { name: 'bench' });
  await installation.call('POST', `/workspaces/${workspace.id}/pause`, {});
  const shoot = (options) =>
    autocannon({
      connections: 20,
      duration,
      ...options,
      headers: { authorization, 'content-type': 'application/json', ...options.headers },
    });
  const list = { url: `${installation.url}/api/v1/workspaces` };
  const write = {
    url: `${installation.url}/api/v1/workspaces/${workspace.id}/messages`,
    method: 'POST',
    body: JSON.stringify({ text: 'a message that waits for a paused workspace' }),
  };
  await shoot({ ...list, duration: Math.min(2, duration) });
  const results = { bare: [], list: [], write: [] };
  for (let round = 0; round < rounds; round += 1) {
    results.bare.push(await shoot({ url: bareUrl }));
    results.list.push(await shoot(list));
    results.write.push(await shoot(write));
  }
  const rate = (name) => median(results[name].map((result) => result.requests.average));
  const p99 = (name) => median(results[name].map((result) => result.latency.p99));
  const bad = [...results.list, ...results.write].reduce((sum, result) => sum + result.non2xx + result.errors, 0);
  report('answers', bad === 0 ? 'all 2xx' : `${bad} others`, 'all 2xx', bad === 0);
  for (const [name, bound] of [
    ['list', 10],
    ['write', 20],
  ]) {
    const times = rate(name) / PAPERCLIP[name];
    report(
      `${name} route`,
      `${rate(name).toFixed(0)} req/s, ${times.toFixed(1)} x Paperclip`,
      `${bound} x`,
      times >= bound,
      `p99 ${p99(name)} ms, ${((rate(name) / rate('bare')) * 100).toFixed(0)} % of a bare node:http server (${rate('bare').toFixed(0)} req/s)`,
    );
  }
} finally {
  await installation.stop();
  installation.remove();
  bare.close();
}

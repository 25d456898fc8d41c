// Cost of a reconcile with nothing to do, of all runtimes, in a running process: render each from its files and its ledger.
//   node bench/reconcile.mjs [--rounds 200]      limit: 10 ms for all of them together
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { adapterFor, boxLayout, knownRuntimes } from '../packages/adapters/dist/index.js';
import { report } from './support/report.mjs';
import { median, percentile } from './support/statistics.mjs';

const LIMIT_MS = 10;
const rounds = Number(process.argv[process.argv.indexOf('--rounds') + 1]) || 200;
const root = mkdtempSync(join(tmpdir(), 'molecule-bench-'));
const stdio = (name) => ({
  name,
  plugin: 'p',
  required: true,
  requiredTools: [],
  witnessed: false,
  descriptor: { type: 'stdio', command: 'node', args: [`${name}.js`], env: { TOKEN: '${TOKEN}' } },
});
const servers = Array.from({ length: 5 }, (_, index) => stdio(`server-${index}`));
const boxes = knownRuntimes().map((runtime) => {
  const layout = boxLayout(join(root, runtime));
  const box = { adapter: adapterFor(runtime), layout, ledger: null, runtime };
  for (let pass = 0; pass < 2; pass += 1) {
    const outcome = render(box);
    for (const { path, text } of outcome.writes) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
    box.ledger = outcome.ledger;
  }
  return box;
});

for (let round = 0; round < 20; round += 1) boxes.forEach(render);
const all = [];
const each = new Map(boxes.map(({ runtime }) => [runtime, []]));
for (let round = 0; round < rounds; round += 1) {
  const started = performance.now();
  for (const box of boxes) {
    const began = performance.now();
    if (render(box).writes.length > 0) throw new Error(`${box.runtime} is not settled`);
    each.get(box.runtime).push(performance.now() - began);
  }
  all.push(performance.now() - started);
}
for (const [runtime, times] of each) console.log(`${runtime.padEnd(16)} median ${median(times).toFixed(3)} ms`);
rmSync(root, { recursive: true, force: true });
const whole = median(all);
report(
  `no-op reconcile of ${boxes.length} runtimes`,
  `${whole.toFixed(2)} ms`,
  `${LIMIT_MS} ms`,
  whole <= LIMIT_MS,
  `95 of 100 below ${percentile(all, 0.95).toFixed(2)} ms`,
);

/** What a box does at each look: read the files, render, compare. */
function render({ adapter, layout, ledger }) {
  const files = adapter.nativeFiles(layout).map(({ id, path }) => ({ id, path, text: textOf(path) }));
  return adapter.render({ layout, files, servers, identity: 'You are X.', skills: [], ledger });
}

function textOf(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

// A fresh clone with a cold npm cache → `./molecule up` → the concierge is online: time, where it goes, and what is on the disk afterwards. Needs an npm registry.
//   node bench/first-up.mjs [--warm-cache]      (with the machine's own npm cache: tries the bench itself, and its figure says so)
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cleanEnv } from './support/installation.mjs';
import { report } from './support/report.mjs';
import { endChild, within } from './support/within.mjs';

const READY_LIMIT_MS = 400_000;
const STOP_LIMIT_MS = 60_000;

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'molecule-bench-first-'));
const clone = join(folder, 'molecule');
const dataDir = join(folder, 'data');
const cache = process.argv.includes('--warm-cache') ? null : join(folder, 'npm-cache');
let child = null;
const megabytes = (...paths) =>
  paths
    .map((path) => Number(spawnSync('du', ['-sk', path], { encoding: 'utf8' }).stdout.split('\t')[0]) / 1000)
    .reduce((sum, each) => sum + each, 0);
try {
  const cloned = spawnSync(
    'git',
    ['-c', 'advice.detachedHead=false', 'clone', '-q', '--no-hardlinks', '--depth', '1', `file://${root}`, clone],
    {
      stdio: ['ignore', 'inherit', 'inherit'],
    },
  );
  if (cloned.status !== 0) throw new Error('git clone failed');
  // The machine's own Node and npm; nothing that this run was started with.
  const env = cleanEnv({
    ...(cache === null ? {} : { npm_config_cache: cache }),
    PATH: (process.env.PATH ?? '')
      .split(':')
      .filter((part) => !part.includes('/.tools/') && !part.includes('node_modules'))
      .join(':'),
  });
  const from = performance.now();
  const since = () => `${((performance.now() - from) / 1000).toFixed(1)} s`;
  child = spawn(join(clone, 'molecule'), ['--data-dir', dataDir, 'up', '--port', '0', '--json'], {
    cwd: clone,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = new Promise((resolve, reject) => {
    let text = '';
    child.stderr.setEncoding('utf8').on('data', (chunk) => {
      for (const line of chunk.split('\n'))
        if (line.trim() !== '') console.log(`   ${since().padStart(7)}  ${line.slice(0, 160)}`);
    });
    child.stdout.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
      const lines = text.split('\n');
      text = lines.pop();
      for (const line of lines) {
        const value = JSON.parse(line);
        console.log(`   ${since().padStart(7)}  ${value.type} ${value.step ?? value.name ?? ''}`);
        if (value.type === 'ready') resolve(value);
        if (value.type === 'error') reject(new Error(line));
      }
    });
    child.on('exit', (code) => reject(new Error(`up ended with ${code}`)));
  });
  const ready = await within(READY_LIMIT_MS, 'the ready line of up', said);
  const seconds = (performance.now() - from) / 1000;
  const size = megabytes(clone, dataDir);
  report(
    `first up from a fresh clone, ${cache === null ? 'warm' : 'cold'} cache`,
    `${seconds.toFixed(1)} s, concierge ${ready.concierge?.status}`,
    '60 s',
    seconds <= 60 && ready.concierge?.status === 'online',
    'Paperclip: 76 s',
  );
  const parts = [
    ['node_modules', join(clone, 'node_modules')],
    ['Node', join(clone, '.tools')],
    ['data', dataDir],
    ['git', join(clone, '.git')],
  ].map(([name, path]) => `${name} ${megabytes(path).toFixed(0)}`);
  report(
    'on the disk',
    `${size.toFixed(0)} MB`,
    '600 MB',
    size <= 600,
    `${parts.join(', ')}${cache === null ? '' : `; npm's own cache besides, ${megabytes(cache).toFixed(0)} MB`}; Paperclip: 1,432 MB`,
  );
} finally {
  if (child !== null) await endChild(child, STOP_LIMIT_MS);
  rmSync(folder, { recursive: true, force: true });
}

import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { endChild, within } from './within.mjs';

const READY_LIMIT_MS = 120_000;
/** `up` ends its boxes and its database in order; after this it hangs. */
const STOP_LIMIT_MS = 60_000;

export const CLI = fileURLToPath(new URL('../../packages/cli/dist/main.js', import.meta.url));

/** Variables of providers are left out: a bench runs on the demo model, whatever the machine has. */
export function cleanEnv(more = {}) {
  return {
    ...Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !/(_API_KEY|_AUTH_TOKEN|_BASE_URL|_OAUTH_TOKEN)$/.test(name)),
    ),
    ...more,
  };
}

/** Starts `molecule up` in a directory of its own (or a given one) and waits for its ready line. */
export async function startInstallation({
  dataDir = mkdtempSync(join(tmpdir(), 'molecule-bench-')),
  args = [],
  env = cleanEnv(),
} = {}) {
  const started = performance.now();
  const child = spawn(process.execPath, [CLI, '--json', '--data-dir', dataDir, 'up', '--port', '0', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env,
  });
  const said = new Promise((resolve, reject) => {
    let text = '';
    child.on('exit', (code) => reject(new Error(`up ended with ${code}: ${text}`)));
    child.stdout.on('data', (chunk) => {
      text += chunk;
      for (const line of text.split('\n').slice(0, -1)) {
        const value = JSON.parse(line);
        if (value.type === 'ready') resolve(value);
        if (value.type === 'error') reject(new Error(line));
      }
    });
  });
  const ready = await within(READY_LIMIT_MS, 'the ready line of up', said);
  const readyMs = performance.now() - started;
  child.removeAllListeners('exit');
  return {
    ...ready,
    dataDir,
    readyMs,
    pid: child.pid,
    call: (method, path, body) => call(ready, method, path, body),
    stop: () => endChild(child, STOP_LIMIT_MS),
    remove: () => rmSync(dataDir, { recursive: true, force: true }),
  };
}

async function call({ url, token }, method, path, body) {
  const response = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return text === '' ? null : JSON.parse(text);
}

/** Process ids of everything that belongs to a data directory: whatever names it on its command line, and their children. */
export function processesOf(dataDir) {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  const read = (pid, file) => {
    try {
      return readFileSync(`/proc/${pid}/${file}`, 'utf8');
    } catch {
      return '';
    }
  };
  const parents = new Map(all.map((pid) => [pid, Number(read(pid, 'stat').split(') ')[1]?.split(' ')[1] ?? 0)]));
  const own = new Set(all.filter((pid) => pid !== process.pid && read(pid, 'cmdline').includes(dataDir)));
  for (let grown = true; grown; ) {
    grown = false;
    for (const [pid, parent] of parents) {
      if (own.has(parent) && !own.has(pid)) {
        own.add(pid);
        grown = true;
      }
    }
  }
  return [...own];
}

import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Detection, RuntimeAdapter } from '../../src/index.ts';
import { openLoopbackWall } from './loopback-wall.ts';

type HostEnvironment = Readonly<Record<string, string | undefined>>;

/** Of the discard service: a network is opened for a listener, and nothing is behind this one. */
const NO_SERVICE = 9;

const detections = new WeakMap<object, Promise<Detection>>();

/** What is installed does not change while a file of tests runs, and asking some CLIs for their version takes seconds. */
export function detectOnce(adapter: RuntimeAdapter, hostEnv: HostEnvironment): Promise<Detection> {
  const known = detections.get(hostEnv) ?? detectBehindWall(adapter, hostEnv);
  detections.set(hostEnv, known);
  return known;
}

/** The adapter itself starts the CLI to ask for its version: what it starts is a script that gets behind the wall first. */
async function detectBehindWall(adapter: RuntimeAdapter, hostEnv: HostEnvironment): Promise<Detection> {
  const variable = adapter.hostVariables.find((name) => name.endsWith('_PATH') && isExecutable(hostEnv[name]));
  const program = variable === undefined ? undefined : hostEnv[variable];
  if (variable === undefined || program === undefined) return adapter.detect(hostEnv);
  const wall = await openLoopbackWall([NO_SERVICE]);
  const folder = mkdtempSync(join(tmpdir(), 'molecule-detect-'));
  try {
    const { command, args } = wall.wrap({ command: program, args: [], env: {}, cwd: folder });
    const script = join(folder, 'enter');
    writeFileSync(script, `#!/bin/sh\nexec ${[command, ...args].map((word) => `'${word}'`).join(' ')} "$@"\n`, {
      mode: 0o755,
    });
    const found = await adapter.detect({ ...hostEnv, [variable]: script });
    return { ...found, path: found.path === script ? program : found.path };
  } finally {
    wall.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function isExecutable(path: string | undefined): boolean {
  if (path === undefined) return false;
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

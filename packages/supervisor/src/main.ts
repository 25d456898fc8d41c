import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { adapterFor, knownRuntimes } from '@molecule/adapters';
import { MoleculeError } from '@molecule/contracts';
import { startBoxHost } from './host/box-host.ts';
import { processBackend } from './host/process-backend.ts';

/*
 * The process `molecule-box-host`:
 *   --data-dir DIR         folder of the boxes (needed)
 *   --token-file FILE      host token, readable by its owner alone (default DIR/run/host-token); never an argument, which every user of the machine can read
 *   --api-url URL          address of the control plane (default: DIR/run/control-plane.json, which is read again when the control plane moves)
 *   --launcher FILE        script to be installed as `molecule-platform-mcp` for all boxes
 *   --sandbox auto|none    `none` runs boxes without walls
 *   --warm-sessions N      warm agent processes of the whole host
 * Started with BOX_HOST_NODE_ARGUMENTS. Log: one JSON line for each event on stderr. Ends with 0 after SIGTERM, SIGINT or when the control plane has been away for long, with 1 when it cannot start.
 */
const STOP_GRACE_MS = 3_000;
/** A host that cannot stop in order is better ended than left hanging; the recovery records remain. */
const STOP_LIMIT_MS = 15_000;

function log(message: string, detail: Readonly<Record<string, unknown>> = {}): void {
  process.stderr.write(`${JSON.stringify({ at: new Date().toISOString(), message, ...detail })}\n`);
}

function readToken(file: string): string {
  if ((statSync(file).mode & 0o077) !== 0)
    throw new Error(`The token file ${file} can be read by others. Set its mode to 0600.`);
  const token = readFileSync(file, 'utf8').trim();
  if (token === '') throw new Error(`The token file ${file} is empty.`);
  return token;
}

async function main(): Promise<void> {
  // Without the arguments it was meant to have, growth is switched off altogether: slower in a burst, and as small afterwards.
  if (!process.execArgv.some((argument) => argument.startsWith('--max-semi-space-size')))
    setFlagsFromString('--semi-space-growth-factor=1');
  const { values } = parseArgs({
    options: {
      'data-dir': { type: 'string' },
      'token-file': { type: 'string' },
      'api-url': { type: 'string' },
      launcher: { type: 'string' },
      sandbox: { type: 'string' },
      'warm-sessions': { type: 'string' },
    },
  });
  const dataDir = values['data-dir'];
  if (dataDir === undefined) throw new Error('--data-dir is needed.');
  if (values.sandbox !== undefined && values.sandbox !== 'auto' && values.sandbox !== 'none')
    throw new Error('--sandbox is auto or none.');
  const warmSessions = values['warm-sessions'] === undefined ? undefined : Number(values['warm-sessions']);
  if (warmSessions !== undefined && !(Number.isInteger(warmSessions) && warmSessions >= 0))
    throw new Error('--warm-sessions is a number of processes.');
  // The end of a terminal is no reason to end the boxes; whoever means it sends SIGTERM.
  process.on('SIGHUP', () => undefined);
  const host = await startBoxHost({
    dataDir,
    controlPlane:
      values['api-url'] === undefined
        ? { file: join(dataDir, 'run', 'control-plane.json') }
        : { url: values['api-url'] },
    hostToken: readToken(values['token-file'] ?? join(dataDir, 'run', 'host-token')),
    env: process.env,
    adapters: knownRuntimes().map(adapterFor),
    backend: processBackend({ stateFolder: join(dataDir, 'run', 'sandbox'), sandbox: values.sandbox ?? 'auto' }),
    log,
    version: '0.1.0',
    ...(values.launcher === undefined ? {} : { launcherFile: values.launcher }),
    ...(warmSessions === undefined ? {} : { warmSessions }),
  });
  const stop = (signal: string) => {
    log('stopping', { signal });
    setTimeout(() => process.exit(1), STOP_LIMIT_MS).unref();
    void host.stop(STOP_GRACE_MS);
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  log('started', { hostId: host.hostId, pid: process.pid });
  log('ended', { reason: await host.finished });
}

try {
  await main();
  process.exit(0);
} catch (error) {
  const hint = error instanceof MoleculeError ? { code: error.code, hint: error.hint } : {};
  log(error instanceof Error ? error.message : String(error), hint);
  process.exit(1);
}

// A box host as a process of its own, for tests that kill it. Arguments: data directory, address of the control plane, sandbox.
import { join } from 'node:path';
import { processBackend, startBoxHost } from '../../src/index.ts';
import { testAdapter } from '../test-adapter.ts';

const [dataDir = '', url = '', sandbox = 'none'] = process.argv.slice(2);
const host = await startBoxHost({
  dataDir,
  controlPlane: { url },
  hostToken: 'host-token',
  env: { PATH: process.env['PATH'] },
  adapters: [testAdapter()],
  backend: processBackend({
    stateFolder: join(dataDir, 'run', 'sandbox'),
    sandbox: sandbox === 'auto' ? 'auto' : 'none',
  }),
  log: (message) => process.stderr.write(`${message}\n`),
  version: '0.1.0',
});
// Has the test see memory that is held and not memory that waits to be collected.
process.on('SIGUSR2', () => globalThis.gc?.());
process.once('SIGTERM', () => void host.stop(500));
await host.finished;
process.exit(0);

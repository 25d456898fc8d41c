import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type DB, openDatabase } from '@molecule/store';
import { createControlPlane, createLogger } from '../../src/index.ts';
import { upstreamsOf } from './upstreams-of.ts';

/** A control plane in a process of its own, to be killed: `DATABASE` and `UPSTREAM` say where to go; its address is sent to the parent. */
const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const database = openDatabase<DB>({ address: { url: process.env['DATABASE'] ?? '' } });
const plane = await createControlPlane({
  database,
  log: createLogger('silent'),
  upstreams: upstreamsOf(process.env['UPSTREAM'] ?? ''),
  gateway: { heartbeatMs: 200 },
  config: {
    host: '127.0.0.1',
    port: 0,
    version: '0.0.0',
    dataDir: join(tmpdir(), 'molecule-control-plane-test'),
    pluginsDir: `${ROOT}plugins`,
    templatesDir: `${ROOT}templates`,
  },
});
process.send?.({ url: await plane.listen() });

import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { newId, type Scope } from '@molecule/contracts';
import { type Database, type DB, mintToken, openDatabase } from '@molecule/store';
import { type TestDatabase, testDatabase } from '@molecule/testkit/database';
import { onTestFinished } from 'vitest';
import {
  type ControlPlane,
  type ControlPlaneOptions,
  createControlPlane,
  createLogger,
  ensureOrg,
} from '../src/index.ts';
import { openHost, type TestHost } from './test-host.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
export const MODEL = 'demo/scripted';
const OWNER: readonly Scope[] = [
  'workspaces:read',
  'workspaces:write',
  'workspaces:delete',
  'work:read',
  'work:write',
  'events:read',
  'plugins:read',
  'plugins:write',
  'org:read',
  'org:write',
  'secrets:read',
  'secrets:write',
  'models:read',
  'models:write',
  'budgets:read',
  'budgets:write',
  'audit:read',
  'tokens:read',
];

/** Wall time plus what the test has let pass. */
export class TestClock {
  #offsetMs = 0;
  now(): Date {
    return new Date(Date.now() + this.#offsetMs);
  }
  pass(ms: number): void {
    this.#offsetMs += ms;
  }
}

export interface Replica {
  readonly url: string;
  readonly plane: ControlPlane;
  stop(): Promise<void>;
}

export interface Plane extends Replica {
  readonly clock: TestClock;
  readonly db: Database<DB>['kysely'];
  /** For another process. */
  readonly databaseUrl: string;
  readonly orgId: string;
  /** The concierge's workspace id. */
  readonly concierge: string;
  readonly ownerToken: string;
  readonly hostToken: string;
  /** Another replica on the same database. */
  replica(change?: { readonly pluginsDir?: string }): Promise<Replica>;
  /** A connected box host that has the runtime of the tests. */
  host(on?: Replica, options?: Parameters<typeof openHost>[2]): Promise<TestHost>;
  /** Creates a workspace over HTTP, gives its id. */
  create(name: string): Promise<string>;
}

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: answers of many shapes, looked at by the tests
  readonly body: any;
}

/** One HTTP request on a real socket. */
export async function call(
  url: string,
  token: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? null : JSON.parse(text) };
}

export interface PlaneOptions {
  readonly dataDir?: string;
  /** First-party plugins, where they are not the repository's own. */
  readonly pluginsDir?: string;
  /** How plugin sources are reached. */
  readonly sources?: ControlPlaneOptions['sources'] & object;
  /** What the operator's environment gives. */
  readonly upstreams?: ControlPlaneOptions['upstreams'];
  readonly env?: ControlPlaneOptions['env'] & object;
  readonly gateway?: ControlPlaneOptions['gateway'] & object;
  /** Default model of the org. */
  readonly model?: string;
  /** Default: silent. */
  readonly log?: ControlPlaneOptions['log'] & object;
  readonly templatesDir?: string;
}

/** A control plane with a new database, an org and its concierge, listening on a free port; stopped when the test ends. */
export async function startPlane(options: PlaneOptions = {}): Promise<Plane> {
  const database = await testDatabase();
  const clock = new TestClock();
  const first = await startReplica(database, clock, options);
  const { services, workspaces } = first.plane;
  const settings = { runtime: 'test-runtime', model: options.model ?? MODEL, modelAccess: 'gateway' as const };
  const org = await services.db.transaction().execute((trx) =>
    ensureOrg(trx, workspaces, {
      name: 'Test',
      conciergeName: 'Concierge',
      settings,
      concierge: true,
      now: clock.now(),
    }),
  );
  const token = async (kind: 'owner' | 'host', scopes: readonly Scope[]) =>
    (
      await mintToken(services.db, {
        orgId: org.orgId,
        kind,
        name: kind,
        scopes,
        userId: kind === 'owner' ? org.ownerId : null,
      })
    ).value;
  const [ownerToken, hostToken] = [await token('owner', OWNER), await token('host', ['host:connect'])];
  return {
    ...first,
    clock,
    db: services.db,
    databaseUrl: database.url,
    orgId: org.orgId,
    concierge: org.concierge?.id ?? '',
    ownerToken,
    hostToken,
    replica: (change = {}) => startReplica(database, clock, { ...options, ...change }),
    host: (on = first, options = {}) => openHost(on.url, hostToken, options),
    create: async (name) => {
      const made = await call(first.url, ownerToken, 'POST', '/api/v1/workspaces', { name, runtime: 'test-runtime' });
      if (made.status !== 201) throw new Error(JSON.stringify(made.body));
      return made.body.id;
    },
  };
}

async function startReplica(database: TestDatabase, clock: TestClock, options: PlaneOptions): Promise<Replica> {
  const own = openDatabase<DB>(database.config);
  const plane = await createControlPlane({
    database: own,
    log: options.log ?? createLogger('silent'),
    upstreams: options.upstreams ?? new Map(),
    clock,
    ...(options.env === undefined ? {} : { env: options.env }),
    ...(options.gateway === undefined ? {} : { gateway: options.gateway }),
    ...(options.sources === undefined ? {} : { sources: options.sources }),
    config: {
      host: '127.0.0.1',
      port: 0,
      version: '0.0.0',
      dataDir: options.dataDir ?? join(tmpdir(), 'molecule-control-plane-test'),
      pluginsDir: options.pluginsDir ?? `${ROOT}plugins`,
      templatesDir: options.templatesDir ?? `${ROOT}templates`,
    },
  });
  const url = await plane.listen();
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopping ??= plane.stop().then(() => own.close()));
  onTestFinished(stop);
  return { url, plane, stop };
}

/** Asks again until the answer is right, at most 10 s unless told otherwise. */
export async function until<T>(look: () => Promise<T>, right: (value: T) => boolean, limitMs = 60_000): Promise<T> {
  const end = Date.now() + limitMs;
  for (;;) {
    const value = await look();
    if (right(value)) return value;
    if (Date.now() > end) throw new Error(`still ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export { newId };

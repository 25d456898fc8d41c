import { join } from 'node:path';
import { DEFAULT_RUNTIME, detectRuntimes } from '@molecule/adapters';
import {
  type ControlPlane,
  createControlPlane,
  createLogger,
  ensureOrg,
  mintSignIn,
  type Org,
  readOrgSettings,
  upstreamsFrom,
} from '@molecule/control-plane';
import {
  type Database,
  type DatabaseAddress,
  type DB,
  type ManagedPostgres,
  migrate,
  openDatabase,
  startManagedPostgres,
} from '@molecule/store';
import type { Steps } from '../output/steps.ts';
import { type BoxHostProcess, ensureBoxHost } from './box-host-process.ts';
import { checkRuntimeFlag } from './check-runtime-flag.ts';
import { type Choice, chooseModel } from './choose-model.ts';
import { type DataDir, prepareDataDir } from './data-dir.ts';
import { INSTALL_ROOT, VERSION } from './install-root.ts';
import { installLauncher } from './launcher-file.ts';
import { openLogFile } from './log-file.ts';
import { ensureMachineTokens, type MachineTokens } from './machine-tokens.ts';
import { writePrivate } from './private-file.ts';
import { waitForBoxHost } from './wait-for-box-host.ts';
import { type SeenConcierge, waitForConcierge } from './wait-for-concierge.ts';

export interface InstallationOptions {
  readonly dir: DataDir;
  readonly host: string;
  readonly port: number;
  readonly databaseUrl?: string | undefined;
  readonly runtime?: string | undefined;
  readonly model?: string | undefined;
  readonly concierge: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted = give up waiting for the concierge. */
  readonly signal: AbortSignal;
}

export interface Installation {
  readonly url: string;
  readonly database: Database<DB>;
  readonly plane: ControlPlane;
  readonly boxHost: BoxHostProcess;
  readonly org: Org;
  readonly tokens: MachineTokens;
  readonly choice: Choice;
  readonly concierge: SeenConcierge | null;
  readonly signInUrl: string;
  /** Ends everything that was started or adopted, in the reverse order; what was made stays on disk. */
  stop(): Promise<void>;
}

/**
 * Starts database, control plane and box host, makes org and concierge when there are none, and waits until the concierge is online or says why
 * not. When a step fails, what was started before it is stopped.
 */
export async function startInstallation(options: InstallationOptions, steps: Steps): Promise<Installation> {
  const { dir } = options;
  const undo: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    const failures: unknown[] = [];
    for (const each of undo.splice(0).reverse()) await each().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw new AggregateError(failures, 'stopping was not clean');
  };
  try {
    await prepareDataDir(dir);
    const log = createLogger(
      options.env['MOLECULE_LOG_LEVEL'] ?? 'info',
      await openLogFile(join(dir.logs, 'control-plane.log')),
    );
    const runtimesFound = detectRuntimes(options.env);
    const address = options.databaseUrl === undefined ? await managedDatabase() : { url: options.databaseUrl };
    const database = openDatabase<DB>({
      address,
      applicationName: 'molecule',
      onConnectionLoss: (error) => log.warn({ err: error }, 'a database connection was lost'),
    });
    undo.push(() => database.close());
    await steps.run(
      'Migrations',
      () => migrate({ address }),
      (applied) => (applied.length === 0 ? 'none to apply' : `${applied.length} applied`),
    );

    const upstreams = upstreamsFrom(options.env);
    const plane = await createControlPlane({
      database,
      log,
      upstreams,
      env: options.env,
      config: {
        host: options.host,
        port: options.port,
        version: VERSION,
        dataDir: dir.root,
        pluginsDir: join(INSTALL_ROOT, 'plugins'),
        templatesDir: join(INSTALL_ROOT, 'templates'),
        canvasDir: join(INSTALL_ROOT, 'packages', 'canvas', 'dist'),
      },
    });
    const known = await database.kysely.selectFrom('orgs').select('id').orderBy('id').limit(1).executeTakeFirst();
    const before = known === undefined ? undefined : await readOrgSettings(database.kysely, known.id);
    const runtimes = await runtimesFound;
    // Before anything is stored: what was asked for and cannot be is refused with what is near.
    if (options.runtime !== undefined) checkRuntimeFlag(options.runtime, runtimes);
    if (options.model !== undefined) await plane.models.check(database.kysely, known?.id ?? '', options.model);
    const choice = chooseModel({
      flags: options,
      before,
      runtimes,
      builtInRuntime: DEFAULT_RUNTIME,
      upstreams,
    });
    const org = await database.withTransaction((trx) =>
      ensureOrg(trx, plane.workspaces, {
        name: 'My org',
        conciergeName: 'Concierge',
        concierge: options.concierge,
        now: new Date(),
        movesConcierge: options.runtime !== undefined,
        settings: { ...before, runtime: choice.runtime, model: choice.model, modelAccess: choice.modelAccess },
      }),
    );
    const tokens = await ensureMachineTokens(database.kysely, dir.keys, org);
    await installLauncher(dir.bin);

    undo.push(() => plane.stop());
    const since = new Date();
    const url = await steps.run(
      'Control plane',
      () => plane.listen(),
      (at) => at,
    );
    await writePrivate(join(dir.run, 'control-plane.json'), JSON.stringify({ url, pid: process.pid }));
    await writePrivate(join(dir.run, 'client.json'), JSON.stringify({ url, token: tokens.owner }));
    const boxHost = await steps.run(
      'Box host',
      () =>
        ensureBoxHost(dir, (pid, restartInMs) =>
          log.warn({ pid, restartInMs }, 'the box host ended unexpectedly; it is started again'),
        ),
      (found) => `process ${found.pid}${found.adopted ? ', found running with its boxes' : ''}`,
    );
    undo.push(() => boxHost.stop());
    if (org.concierge === null) await waitForBoxHost(plane.services, org.orgId, since, options.signal);
    const concierge =
      org.concierge === null
        ? null
        : await steps.run(
            'Concierge',
            () => waitForConcierge(plane.services, org.orgId, since, options.signal),
            (seen) => `${seen.status}${seen.reason === null ? '' : `, ${seen.reason}`}`,
            (seen) => seen.status === 'online',
          );
    const signInUrl = await mintSignIn(plane.services, org.orgId, org.ownerId, url);
    return { url, database, plane, boxHost, org, tokens, choice, concierge, signInUrl, stop };

    async function managedDatabase(): Promise<DatabaseAddress> {
      const server = await steps.run(
        'PostgreSQL',
        () =>
          startManagedPostgres({
            dataDir: dir.database,
            log: { info: (text) => log.info(text), warn: (text) => log.warn(text) },
          }),
        (found: ManagedPostgres) => `version ${found.major}${found.adopted ? ', found running' : ''}`,
      );
      undo.push(() => server.stop());
      return server.connection;
    }
  } catch (error) {
    await stop().catch(() => undefined); // the first failure is the one to tell
    throw error;
  }
}

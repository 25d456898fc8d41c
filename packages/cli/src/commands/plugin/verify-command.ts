import { adapterFor, type Detection, type Inspection, type RuntimeAdapter } from '@molecule/adapters';
import {
  type HomeOutcome,
  homeLayout,
  homeLedgerPath,
  type RenderedSource,
  readConfigFile,
  readHomeLedger,
  renderHome,
} from '@molecule/adapters/home';
import { type DesiredServer, MoleculeError, PluginName, type ServerDescriptor, ServerName } from '@molecule/contracts';
import { descriptorsAgree, proveServer, startPlainProcess } from '@molecule/supervisor';
import type { Printer } from '../../output/printer.ts';
import { homeFolder, homeRuntimeOf } from './home-options.ts';
import { showVerdicts, type Verdict, type VerifyOptions } from './verdict-lines.ts';

/** Name under which servers go that come from no plugin. */
const OWN = PluginName.parse('own');

/**
 * `plugin verify`: climbs the proof ladder on a person's machine (B69, B103): the file is read as the runtime reads it, the real CLI
 * is asked what it loads, and each server is started with the environment that this runtime would give it. Exit code 1 when
 * something declared is not live. Where nothing was declared, every server that the runtime would load counts.
 */
export async function verifyHome(options: VerifyOptions, printer: Printer): Promise<void> {
  const home = homeFolder(options);
  const adapter = adapterFor(options.runtime);
  const declared = await declaredServers(home, options.runtime);
  const loaded = await loadedServers(adapter, home);
  const isDeclared = (name: string) => declared.some((server) => server.name === name);
  const isEverything = options.all === true || declared.length === 0;
  const own = isEverything
    ? Object.entries(loaded)
        .filter(([name]) => !isDeclared(name))
        .map(([name, descriptor]) => ownServer(name, descriptor))
    : [];
  const detection = await adapter.detect(process.env);
  const env = runtimeEnvironment(adapter, home);
  const servers = [...declared, ...own];
  const inspection =
    servers.length === 0 || !detection.available ? null : await asked(adapter, home, detection, env, servers);
  const settled = await untouched(options.runtime, home);
  const verdicts = await Promise.all(
    servers.map(async (server): Promise<Verdict> => {
      const found = loaded[server.name];
      const agrees =
        found !== undefined &&
        (found.type === server.descriptor.type
          ? descriptorsAgree(server.descriptor, found)
          : settled.files.length === 0);
      const isKept = settled.notes.some((note) => note.action === 'kept_theirs' && note.server === server.name);
      const reason = found === undefined ? 'not_rendered' : isKept ? 'kept_theirs' : agrees ? null : 'differs';
      const { proofs, toolIds } = await proveServer({
        adapter,
        server,
        loaded: found,
        rendering: { ok: reason === null, reason },
        delivered: null,
        inspection,
        runtimeEnv: env,
        cwd: home,
        spawn: startPlainProcess,
        nonce: null,
        mayReach: () => true,
      });
      const live = proofs.every(({ ok }) => ok);
      return {
        server: server.name,
        declared: isDeclared(server.name),
        live,
        proofs,
        tools: toolIds,
        unset: unsetVariables(server.descriptor, env),
      };
    }),
  );
  showVerdicts(verdicts, detection, inspection, options, home, printer);
  if (verdicts.some((verdict) => !verdict.live && (verdict.declared || declared.length === 0))) process.exitCode = 1;
}

async function declaredServers(home: string, runtime: string): Promise<readonly DesiredServer[]> {
  const ledger = await readHomeLedger(home);
  if (!ledger.ok)
    throw new MoleculeError('config_unwritable', {
      params: { path: homeLedgerPath(home), detail: ledger.error.message },
    });
  const sources: readonly RenderedSource[] = ledger.value.runtimes[runtime]?.sources ?? [];
  return [
    ...new Map(
      sources
        .flatMap(({ servers }) => servers)
        .toReversed()
        .map((server) => [server.name, server]),
    ).values(),
  ].toReversed();
}

async function loadedServers(
  adapter: RuntimeAdapter,
  home: string,
): Promise<Readonly<Record<string, ServerDescriptor>>> {
  const layout = homeLayout(home);
  const files = await Promise.all(
    adapter.nativeFiles(layout).map(async ({ id, path }) => {
      const file = await readConfigFile(path);
      return { id, path, text: file.ok ? (file.value.text ?? null) : null };
    }),
  );
  return adapter.read(files, layout);
}

/** What rendering the same plugins again would do: nothing, unless somebody changed the files since. */
async function untouched(runtime: string, home: string): Promise<Pick<HomeOutcome, 'files' | 'notes'>> {
  const done = await renderHome({
    runtime,
    home,
    adapter: await homeRuntimeOf(runtime),
    sources: (now) => now,
    dryRun: true,
    build: '',
  });
  return done.ok ? done.value : { files: [], notes: [] };
}

function ownServer(name: string, descriptor: ServerDescriptor): DesiredServer {
  return {
    name: ServerName.parse(name),
    plugin: OWN,
    descriptor,
    required: false,
    requiredTools: [],
    witnessed: false,
  };
}

/** The person's own environment with this home: what their CLI would be started with. */
function runtimeEnvironment(adapter: RuntimeAdapter, home: string): Readonly<Record<string, string>> {
  const base = Object.fromEntries(
    Object.entries(process.env).filter((pair): pair is [string, string] => pair[1] !== undefined),
  );
  const model = { kind: 'none', reason: '', message: '', nextStep: '' } as const;
  return adapter.environment({ layout: homeLayout(home), model, apiUrl: '', apiKey: '', base, hostEnv: process.env });
}

/** Variables that a server refers to without a default and that are not set where this command runs. */
function unsetVariables(descriptor: ServerDescriptor, env: Readonly<Record<string, string>>): readonly string[] {
  const names = JSON.stringify(descriptor).matchAll(/\$\{(?:secret:)?([A-Za-z_][A-Za-z0-9_]*)\}/g);
  return [...new Set([...names].flatMap(([, name]) => (name === undefined || (env[name] ?? '') !== '' ? [] : [name])))];
}

async function asked(
  adapter: RuntimeAdapter,
  home: string,
  detection: Detection,
  env: Readonly<Record<string, string>>,
  servers: readonly DesiredServer[],
): Promise<Inspection | null> {
  return adapter.inspect({
    layout: homeLayout(home),
    detection,
    env,
    model: { kind: 'none', reason: '', message: '', nextStep: '' },
    allowedServers: servers.map(({ name }) => name),
    spawn: startPlainProcess,
    now: Date.now,
    warmMs: 0,
    prewarm: false,
    log: () => undefined,
  });
}

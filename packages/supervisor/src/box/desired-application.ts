import type { Detection } from '@molecule/adapters';
import {
  type DesiredState,
  type Isolation,
  MANAGEMENT_LAUNCHER,
  MoleculeError,
  type PlatformMcpDiag,
  type Proof,
  type SelfReport,
} from '@molecule/contracts';
import { proveServer, type ServerProof } from '../proof/server-proof.ts';
import { deliverAssets } from './asset-delivery.ts';
import { describeFailure } from './boot-journal.ts';
import { type AppliedState, type BoxContext, identityText, storeApplied } from './box-context.ts';
import { deadServers, undelivered, unprepared } from './failed-servers.ts';
import { type Delivery, deliverPlugins } from './plugin-delivery.ts';
import { prepare, withoutPlugins } from './plugin-preparation.ts';
import { type RenderResult, renderBox } from './rendering.ts';
import { type RuntimeSetup, setUpRuntime } from './runtime-setup.ts';
import { selfReport } from './self-report.ts';

/** What is known after a desired state was applied; small enough to be kept while the box waits. */
export interface Application {
  readonly generation: number;
  readonly runtime: string;
  readonly runtimeVersion: string | null;
  readonly timing: DesiredState['timing'];
  readonly report: SelfReport;
  readonly proofs: readonly Proof[];
  readonly isolation: Isolation | null;
  /** State of the native files that was judged, for the cheap look at drift. */
  readonly stamp: string;
  /** Ids of native files that had to be written. */
  readonly written: readonly string[];
}

export interface ApplyOptions {
  readonly nonce: string | null;
  /** Ask the real CLI what it loaded; costs a start of it. */
  readonly inspect: boolean;
  readonly frozen: ReadonlySet<string>;
}

/**
 * Brings a box to a desired state and proves it: plugins and files delivered, native configuration rendered and read back, every server launched.
 *
 * Steps that fail are recorded and the rest goes on, so that one plugin's failure starves no other and the gate decides on facts (B50, B57). What
 * cannot go on without is a runtime that this host knows (B67); then the report says so and nothing is rendered for another one.
 */
export async function applyDesired(
  context: BoxContext,
  desired: DesiredState,
  options: ApplyOptions,
): Promise<Application> {
  const { services, layout, journal } = context;
  const adapter = services.adapters.get(desired.runtime);
  const [delivery, detection] = await Promise.all([
    deliverPlugins({
      artifacts: desired.artifacts,
      cache: services.artifacts,
      client: services.client,
      apiKey: context.credentials.apiKey,
      layout,
      journal,
    }),
    attempt(() =>
      journal.step(
        'runtime',
        async (): Promise<Detection> => {
          if (adapter === undefined)
            throw new MoleculeError('runtime_unknown', {
              params: { runtime: desired.runtime, known: [...services.adapters.keys()] },
            });
          const found = await services.detect(adapter);
          if (!found.available)
            throw new MoleculeError('runtime_unavailable', {
              params: { runtime: desired.runtime, detail: found.problem ?? '' },
            });
          return found;
        },
        (found) => ({ message: `${desired.runtime} ${found.version ?? ''}`.trim(), detail: { path: found.path } }),
      ),
    ),
  ]);
  const state: AppliedState = { desired, folders: delivery.folders, skills: delivery.skills };
  await attempt(() =>
    journal.step(
      'assets',
      async () => {
        storeApplied(layout, state);
        return deliverAssets(desired.assets, layout);
      },
      (report) => ({ detail: { ...report } }),
    ),
  );
  const base = { generation: desired.generation, runtime: desired.runtime, timing: desired.timing };
  if (adapter === undefined) {
    const report = selfReport({
      desired,
      detection: null,
      rendered: {},
      live: deadServers(desired),
      isIdentityInPlace: false,
      diagnosis: null,
    });
    return {
      ...base,
      runtimeVersion: null,
      report,
      proofs: undelivered(desired, delivery),
      isolation: null,
      stamp: '',
      written: [],
    };
  }
  // A CLI that is missing is no reason to leave its files unwritten: it may be installed any moment, and the report says what is missing.
  const known = detection ?? (await services.detect(adapter));
  const first = setUpRuntime(context, state, adapter, known);
  const unready = await prepare(context, desired, delivery, first);
  const setup = unready.size === 0 ? first : withoutPlugins(context, state, unready, adapter, known);
  const usingWalls = attempt(() =>
    journal.step(
      'isolation',
      () => context.walls.use(setup.walls),
      ({ box }) => ({ message: box.isolation.mechanism, detail: { ...box.isolation } }),
    ),
  );
  const rendering = await renderAndRecord(context, setup, state, options.frozen);
  const walls = await usingWalls;
  try {
    const proven = await proveAll(
      context,
      desired,
      setup,
      rendering,
      delivery,
      options,
      walls === null ? null : walls.box.spawn.bind(walls.box),
    );
    const diagnosis = diagnose(setup, rendering, context, desired);
    const live = {
      ...deadServers(desired),
      ...Object.fromEntries(setup.servers.map(({ name }, index) => [name, proven[index]?.toolIds ?? null])),
    };
    const report = selfReport({
      desired,
      detection: known,
      rendered: rendering.servers,
      live,
      isIdentityInPlace: rendering.isIdentityInPlace,
      diagnosis,
    });
    return {
      ...base,
      runtimeVersion: known.version,
      report,
      proofs: [...proven.flatMap(({ proofs }) => proofs), ...unprepared(desired, delivery, unready)],
      isolation: walls?.box.isolation ?? null,
      stamp: rendering.stamp,
      written: rendering.written,
    };
  } finally {
    walls?.release();
  }
}

/** The report of a box in which nothing could be applied, for a reason that none of the steps foresaw. */
export function failedApplication(desired: DesiredState, error: unknown): Application {
  const message = error instanceof Error ? error.message : String(error);
  return {
    generation: desired.generation,
    runtime: desired.runtime,
    runtimeVersion: null,
    timing: desired.timing,
    proofs: [],
    isolation: null,
    stamp: '',
    written: [],
    report: {
      mcp_tools_ready: false,
      configuration_status: 'not_configured',
      configuration_reason: message.slice(0, 1_000),
    },
  };
}

/** Renders, and records what was written, rebuilt, set aside or could not be written. */
export async function renderAndRecord(
  context: BoxContext,
  setup: RuntimeSetup,
  state: AppliedState,
  frozen: ReadonlySet<string>,
): Promise<RenderResult> {
  const { journal, layout, services } = context;
  const startedAt = performance.now();
  const result = renderBox(
    {
      adapter: setup.adapter,
      layout,
      servers: setup.servers,
      identity: identityText(state),
      skills: state.skills,
      frozen,
    },
    services.now(),
  );
  const failed = Object.entries(result.servers)
    .filter(([, { ok }]) => !ok)
    .map(([name, { reason }]) => `${name}: ${reason}`);
  const detail = {
    written: result.written,
    setAside: result.setAside,
    problems: result.problems,
    notes: result.notes.slice(0, 100),
    failed,
  };
  const durationMs = Math.round((performance.now() - startedAt) * 10) / 10;
  if (result.failure !== null)
    journal.add({ step: 'render', ok: false, durationMs, ...describeFailure(result.failure), detail });
  else if (failed.length > 0) {
    journal.add({
      step: 'read_back',
      ok: false,
      durationMs,
      code: 'read_back_differs',
      message: failed.join('; '),
      nextStep: 'See which entry stands in the way; an entry of somebody else by the same name is never overwritten.',
      detail,
    });
  } else
    journal.add({
      step: 'render',
      ok: true,
      durationMs,
      code: null,
      message: `${result.written.length} files written`,
      nextStep: null,
      detail,
    });
  return result;
}

/** Every server at the same time, each for itself. */
async function proveAll(
  context: BoxContext,
  desired: DesiredState,
  setup: RuntimeSetup,
  rendering: RenderResult,
  delivery: Delivery,
  options: ApplyOptions,
  spawn: Parameters<typeof proveServer>[0]['spawn'] | null,
): Promise<readonly ServerProof[]> {
  const { layout, journal } = context;
  const { adapter, env } = setup;
  const loaded = adapter.read(rendering.files, layout);
  const launch = spawn ?? (() => Promise.reject(new Error('the walls of the box do not stand')));
  const inspection = !options.inspect
    ? undefined
    : await attempt(() =>
        adapter.inspect({
          layout,
          detection: setup.detection,
          model: desired.model,
          env,
          allowedServers: [],
          spawn: launch,
          now: context.services.now,
          warmMs: 0,
          prewarm: false,
          log: context.services.log,
        }),
      );
  const reachable = new Set([new URL(setup.walls.apiUrl).host, ...setup.walls.egress]);
  return Promise.all(
    setup.servers.map(async (server) => {
      const proof = await proveServer({
        adapter,
        server,
        loaded: loaded[server.name],
        rendering: rendering.servers[server.name] ?? { ok: false, reason: 'not_rendered' },
        delivered: delivery.outcomes[server.plugin] ?? null,
        inspection,
        runtimeEnv: env,
        cwd: layout.work,
        spawn: launch,
        nonce: server.witnessed ? options.nonce : null,
        mayReach: (url) =>
          URL.canParse(url) &&
          (reachable.has(new URL(url).host) ||
            reachable.has(`${new URL(url).hostname}:${new URL(url).port || (url.startsWith('https:') ? 443 : 80)}`)),
      });
      const live = proof.proofs.at(-1);
      journal.add({
        step: 'prove',
        ok: live?.ok === true,
        durationMs: live?.durationMs ?? null,
        code: live?.reason ?? null,
        message: `${server.name}: ${live?.ok === true ? `${proof.toolIds?.length ?? 0} tools` : String(live?.evidence['message'] ?? live?.reason)}`,
        nextStep: live?.ok === true ? null : '`molecule ws why` shows the rung that failed and its evidence.',
        detail: { server: server.name, required: server.required, ...live?.evidence },
      });
      return proof;
    }),
  );
}

function diagnose(
  setup: RuntimeSetup,
  rendering: RenderResult,
  context: BoxContext,
  desired: DesiredState,
): PlatformMcpDiag | null {
  try {
    return setup.adapter.diagnose({
      files: rendering.files,
      layout: context.layout,
      servers: setup.servers,
      isConcierge: desired.kind === 'platform',
      launcherPath: setup.launcher(MANAGEMENT_LAUNCHER),
    });
  } catch {
    // Advisory: the report goes out without it (B88).
    return null;
  }
}

async function attempt<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch {
    // Recorded by the step itself.
    return null;
  }
}

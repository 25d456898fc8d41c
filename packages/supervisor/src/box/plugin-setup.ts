import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BoxLayout, BoxProcess, SpawnPlan } from '@molecule/adapters';
import { type DesiredArtifact, MoleculeError } from '@molecule/contracts';
import { ensureInside } from '../files/box-file.ts';
import { replaceFile } from '../files/durable-file.ts';
import type { BootJournal } from './boot-journal.ts';
import { rootsOf } from './native-files.ts';
import type { Delivery } from './plugin-delivery.ts';

/** A setup that takes longer would keep the whole box waiting. */
const SETUP_TIMEOUT_MS = 120_000;
const END_GRACE_MS = 500;
const OWN_FOLDER = /\$\{(?:CLAUDE_)?PLUGIN_ROOT\}/g;

export interface SetupWish {
  readonly artifacts: readonly DesiredArtifact[];
  readonly delivery: Delivery;
  readonly layout: BoxLayout;
  readonly journal: BootJournal;
  /** Secrets of the workspace; a setup gets those it names. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly path: string;
  /** Starts a process inside the walls of the box. */
  readonly spawn: (plan: SpawnPlan) => Promise<BoxProcess>;
}

/** Artifacts whose setup has not succeeded in this box yet. */
export function dueSetups(
  artifacts: readonly DesiredArtifact[],
  delivery: Delivery,
  layout: BoxLayout,
): readonly DesiredArtifact[] {
  const done = readDone(layout);
  return artifacts.filter(
    ({ plugin, digest, setup }) => setup !== null && delivery.outcomes[plugin]?.ok === true && !done.includes(digest),
  );
}

/**
 * Runs the setup of each artifact once, inside the walls of the box, with nothing of the box's environment but a search path and the secrets it names. What it makes
 * belongs into its own folder (`PLUGIN_DATA`); the package itself cannot be written. One that fails is recorded and tried again with the next delivery; it holds up no
 * other plugin (T49).
 * @returns plugins whose setup failed
 */
export async function runSetups(wish: SetupWish): Promise<ReadonlySet<string>> {
  const failed = new Set<string>();
  for (const artifact of dueSetups(wish.artifacts, wish.delivery, wish.layout)) {
    try {
      await wish.journal.step(
        'plugin.setup',
        () => runSetup(artifact, wish),
        () => ({ message: artifact.plugin, detail: { plugin: artifact.plugin, digest: artifact.digest } }),
      );
      replaceFile(donePath(wish.layout), JSON.stringify([...readDone(wish.layout), artifact.digest]));
    } catch {
      // The step recorded why.
      failed.add(artifact.plugin);
    }
  }
  return failed;
}

/** Folder in which a plugin may keep what its setup makes and its server needs. */
export function pluginDataFolder(layout: BoxLayout, plugin: string): string {
  return join(layout.home, '.molecule', 'plugins', plugin);
}

async function runSetup(
  { plugin, setup }: DesiredArtifact,
  { delivery, layout, secrets, path, spawn }: SetupWish,
): Promise<void> {
  const root = delivery.folders[plugin];
  if (setup === null || root === undefined) return;
  const fail = (detail: string): MoleculeError =>
    new MoleculeError('plugin_setup_failed', { params: { plugin, detail } });
  const missing = setup.secrets.filter((name) => !Object.hasOwn(secrets, name));
  if (missing.length > 0) throw fail(`the workspace has no secret ${missing.join(', ')}`);
  const data = pluginDataFolder(layout, plugin);
  // The agent owns the home: a link in the way must not lead out of it.
  ensureInside(data, rootsOf(layout));
  const local = (value: string): string => {
    const rooted = value.replace(OWN_FOLDER, () => root).replaceAll('${PLUGIN_DATA}', data);
    return rooted.startsWith('./') ? join(root, rooted) : rooted;
  };
  const named = Object.fromEntries(setup.secrets.map((name) => [name, secrets[name] ?? '']));
  const env = {
    LANG: 'C.UTF-8',
    PATH: path,
    HOME: data,
    TMPDIR: `${layout.home}/.tmp`,
    PLUGIN_ROOT: root,
    PLUGIN_DATA: data,
    ...named,
  };
  const child = await spawn({ command: local(setup.command), args: setup.args.map(local), env, cwd: data });
  child.closeStdin();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), SETUP_TIMEOUT_MS);
  });
  try {
    void (async () => {
      // Read and dropped, so that a talkative script does not stand still.
      for await (const _ of child.lines);
    })().catch(() => undefined);
    const exit = await Promise.race([child.exited, late]);
    if (exit === null) throw fail(`it had not ended after ${SETUP_TIMEOUT_MS / 1000} s`);
    if (exit.code !== 0)
      throw fail(
        `it ended with ${exit.code ?? exit.signal}: ${withoutSecrets(child.stderrTail().slice(-500), Object.values(named))}`,
      );
  } finally {
    clearTimeout(timer);
    await child.end(END_GRACE_MS);
  }
}

function withoutSecrets(text: string, values: readonly string[]): string {
  return values.filter((value) => value.length > 3).reduce((shown, value) => shown.replaceAll(value, '***'), text);
}

function donePath(layout: BoxLayout): string {
  return join(layout.run, 'setups.json');
}

function readDone(layout: BoxLayout): readonly string[] {
  try {
    // Written above and by nobody else.
    return JSON.parse(readFileSync(donePath(layout), 'utf8')) as readonly string[];
  } catch {
    return [];
  }
}

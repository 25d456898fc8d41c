import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { localizeServer, type RenderedSource } from '@molecule/adapters/home';
import { MoleculeError, type PluginManifest } from '@molecule/contracts';
import {
  artifactStore,
  needsFiles,
  parseManifest,
  pluginResolver,
  readSourceSettings,
  readTree,
  type TreeFile,
} from '@molecule/plugins';
import { type SourcePlace, stampOfFolder } from './source-place.ts';

/** For what and whom a source is read. */
export interface SourceReader {
  readonly runtime: string;
  /** Says what a person should know and a record does not hold. */
  tell(note: string): void;
}

/** Reads the manifest of a folder. @throws MoleculeError `plugin_source_invalid`, `plugin_manifest_invalid` */
export async function readFolderSource(
  { source, folder }: SourcePlace & { readonly folder: string },
  reader: SourceReader,
): Promise<RenderedSource> {
  if (stampOfFolder(folder, []) === null)
    throw new MoleculeError('plugin_source_invalid', { params: { source, detail: `there is no folder ${folder}` } });
  const manifest = parseManifest(await readTree(folder), source);
  checkFit(source, manifest, reader);
  return {
    ...declared(source, manifest, folder),
    stamp:
      stampOfFolder(
        folder,
        manifest.instructions.map(({ path }) => path),
      ) ?? '',
    unpacked: null,
  };
}

/**
 * Fetches a package from its place and unpacks it, where its files are needed, below the home it is rendered into.
 * @throws MoleculeError of the resolver
 */
export async function fetchSource(
  text: string,
  unpackBelow: string,
  env: NodeJS.ProcessEnv,
  dryRun: boolean,
  reader: SourceReader,
): Promise<RenderedSource> {
  const scratch = await mkdtemp(join(tmpdir(), 'molecule-render-'));
  try {
    const store = artifactStore(scratch);
    const found = await pluginResolver({ settings: readSourceSettings(env), store, builtin: () => null }).resolve(text);
    checkFit(found.source, found.manifest, reader);
    const unpacked = needsFiles(found.manifest)
      ? join(unpackBelow, found.digest.replace(/^sha256:/, '').slice(0, 24))
      : null;
    if (unpacked !== null && !dryRun) await unpack((await store.read(found.digest)) ?? [], unpacked);
    return { ...declared(found.source, found.manifest, unpacked ?? ''), stamp: found.resolved, unpacked };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** @throws MoleculeError `plugin_source_invalid` for a plugin that is made for other runtimes */
function checkFit(source: string, { name, runtimes, setup }: PluginManifest, { runtime, tell }: SourceReader): void {
  if (runtimes.length > 0 && !runtimes.includes(runtime)) {
    const detail = `it is made for ${runtimes.join(', ')}, not for ${runtime}`;
    throw new MoleculeError('plugin_source_invalid', { params: { source, detail } });
  }
  if (setup !== null)
    tell(
      `${name} has a setup, which only a box runs. Here it is yours to run: ${[setup.command, ...setup.args].join(' ')}`,
    );
}

function declared(
  source: string,
  manifest: PluginManifest,
  folder: string,
): Omit<RenderedSource, 'stamp' | 'unpacked'> {
  return {
    source,
    plugin: manifest.name,
    servers: manifest.servers.map((server) =>
      localizeServer({ ...server, plugin: manifest.name, witnessed: false }, folder === '' ? undefined : folder),
    ),
    skills: manifest.skills.map(({ name, path }) => ({ name, path: join(folder, path) })),
    instructions: manifest.instructions.map(({ text }) => text),
    files: manifest.instructions.map(({ path }) => path),
  };
}

/** The folder appears whole or not at all; its name says its content, so one that is there is right. */
async function unpack(files: readonly TreeFile[], folder: string): Promise<void> {
  const partial = `${folder}.${process.pid}.partial`;
  await rm(partial, { recursive: true, force: true });
  for (const { path, content, executable } of files) {
    await mkdir(dirname(join(partial, path)), { recursive: true, mode: 0o700 });
    await writeFile(join(partial, path), content, { mode: executable ? 0o755 : 0o644 });
  }
  await rename(partial, folder).catch(async () => {
    await readFile(join(folder, files[0]?.path ?? ''));
    await rm(partial, { recursive: true, force: true });
  });
}

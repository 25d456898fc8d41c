import { statSync } from 'node:fs';
import { rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  type HomeOutcome,
  homeLedgerPath,
  type RenderedSource,
  readHomeLedger,
  renderHome,
} from '@molecule/adapters/home';
import type { Printer } from '../../output/printer.ts';
import { type HomeOptions, homeFolder, homeRuntimeOf } from './home-options.ts';
import { showHomeOutcome } from './home-outcome-lines.ts';
import type { SourceReader } from './read-source.ts';
import { renderingBuild } from './rendering-build.ts';
import { placeOfSource, type SourcePlace, stampOfFolder } from './source-place.ts';

export interface RenderOptions extends HomeOptions {
  readonly dryRun?: boolean;
}

/**
 * `plugin render`: renders plugins into a home, without a server. What was rendered before and has not changed is not even parsed
 * again, so that running it again costs little more than starting Node. Exit code 1 when a file was refused.
 */
export async function renderPlugins(
  sources: readonly string[],
  options: RenderOptions,
  printer: Printer,
): Promise<void> {
  const home = homeFolder(options);
  const adapter = await homeRuntimeOf(options.runtime);
  if (!statSync(home, { throwIfNoEntry: false })?.isDirectory())
    return fail('config_unwritable', { path: home, detail: 'there is no such folder' });
  const known = await recordedSources(home, options.runtime);
  const places = sources.map((text) => placeOfSource(text, process.cwd()));
  const wished: RenderedSource[] = [];
  const reader: SourceReader = { runtime: options.runtime, tell: (note) => printer.note(note) };
  for (const place of places) wished.push(await sourceRecord(place, known, home, options.dryRun === true, reader));
  const outcome = await rendered(
    home,
    options,
    (now) => [
      ...now.map((old) => wished.find(({ source }) => source === old.source) ?? old),
      ...wished.filter(({ source }) => !now.some((old) => old.source === source)),
    ],
    adapter,
  );
  // A fetched version that has been replaced, or could not be rendered after all, goes.
  await removeUnpacked(home, [...known, ...wished]);
  if (outcome !== null) await showHomeOutcome(outcome, options, printer, []);
}

/** `plugin unrender`: takes plugins out again, back to the bytes of before. What is not there is said and is no failure. */
export async function unrenderPlugins(
  sources: readonly string[],
  options: RenderOptions,
  printer: Printer,
): Promise<void> {
  const home = homeFolder(options);
  const adapter = await homeRuntimeOf(options.runtime);
  const known = await recordedSources(home, options.runtime);
  const wanted = sources.map((text) => placeOfSource(text, process.cwd()).source);
  const isGoing = ({ source, plugin }: RenderedSource) => wanted.includes(source) || sources.includes(plugin);
  const absent = sources.filter(
    (text, index) => !known.some(({ source, plugin }) => source === wanted[index] || plugin === text),
  );
  const outcome = await rendered(home, options, (now) => now.filter((source) => !isGoing(source)), adapter);
  if (outcome === null) return;
  if (outcome.written) await removeUnpacked(home, known.filter(isGoing));
  await showHomeOutcome(outcome, options, printer, absent);
}

async function rendered(
  home: string,
  { runtime, dryRun }: RenderOptions,
  sources: (now: readonly RenderedSource[]) => readonly RenderedSource[],
  adapter: Awaited<ReturnType<typeof homeRuntimeOf>>,
): Promise<HomeOutcome | null> {
  const done = await renderHome({ runtime, adapter, home, sources, dryRun: dryRun === true, build: renderingBuild() });
  if (done.ok) return done.value;
  const { code, file, message } = done.error;
  return code === 'contested'
    ? fail('config_conflict', { path: file })
    : fail('config_unwritable', { path: file, detail: message });
}

async function recordedSources(home: string, runtime: string): Promise<readonly RenderedSource[]> {
  const ledger = await readHomeLedger(home);
  if (!ledger.ok) return fail('config_unwritable', { path: homeLedgerPath(home), detail: ledger.error.message });
  return ledger.value.runtimes[runtime]?.sources ?? [];
}

/** The record of a source: the one of last time while its manifest has not changed. */
async function sourceRecord(
  place: SourcePlace,
  known: readonly RenderedSource[],
  home: string,
  dryRun: boolean,
  reader: SourceReader,
): Promise<RenderedSource> {
  const { source, folder } = place;
  const old = known.find((each) => each.source === source);
  if (folder === null) {
    // A source that names its exact version has nothing new to give.
    if (old?.stamp === source) return old;
    const { fetchSource } = await import('./read-source.ts');
    return fetchSource(source, unpackFolder(home), process.env, dryRun, reader);
  }
  if (old !== undefined && stampOfFolder(folder, old.files) === old.stamp) return old;
  const { readFolderSource } = await import('./read-source.ts');
  return readFolderSource({ source, folder }, reader);
}

/** Where fetched packages are unpacked that have files of their own. */
function unpackFolder(home: string): string {
  return join(home, '.molecule', 'plugins');
}

/** Unpacked packages that no runtime of this home refers to any more. */
async function removeUnpacked(home: string, gone: readonly RenderedSource[]): Promise<void> {
  const ledger = await readHomeLedger(home);
  const used = ledger.ok
    ? Object.values(ledger.value.runtimes).flatMap(({ sources }) => sources.map(({ unpacked }) => unpacked))
    : [];
  for (const { unpacked } of gone) {
    if (unpacked !== null && !used.includes(unpacked)) await rm(unpacked, { recursive: true, force: true });
  }
  // These two hold nothing else; one that is not empty stays.
  for (const folder of [unpackFolder(home), dirname(unpackFolder(home))]) await rmdir(folder).catch(() => undefined);
}

async function fail(
  code: 'config_unwritable' | 'config_conflict',
  params: Readonly<Record<string, string>>,
): Promise<never> {
  // Loaded only now: schemas would be most of what a run without a failure costs.
  const { MoleculeError } = await import('@molecule/contracts');
  throw new MoleculeError(code, { params });
}

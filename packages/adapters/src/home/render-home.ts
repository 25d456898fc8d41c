import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { NativeFile, RenderInput, RenderLedger, RenderNote, RenderOutcome } from '../contract/index.ts';
import { readConfigFile } from '../editing/file/config-file.ts';
import { type FileError, fileError } from '../editing/file/file-error.ts';
import { withFileLock } from '../editing/file/file-lock.ts';
import { updateConfigFile } from '../editing/file/update-config-file.ts';
import { type Outcome, ok } from '../editing/outcome.ts';
import { homeLayout } from './home-layout.ts';
import {
  claimsOfBoth,
  EMPTY_RECORD,
  type HomeRecord,
  homeLedgerPath,
  type RenderedSource,
  readHomeLedger,
  saveHomeRecord,
} from './home-ledger.ts';
import type { HomeRuntime } from './home-runtime.ts';
import { jointWish, sourcesOfBoth } from './home-wish.ts';
import { missingFolders, removeEmptyFolders, sweepDebris } from './made-folders.ts';
import { type Settled, settledMark } from './settled-home.ts';
import { applyLinks, type LinkChange, linksToChange } from './skill-links.ts';

/*
 * Rendering into a person's own home.
 *
 * Invariants: nothing is touched that the ledger does not name as ours; where one file cannot be edited nothing at all is written;
 * taking everything out gives back the bytes, links and folders of before. All processes of ours that write one home take turns at
 * the lock of its ledger; against other programs each file is compared before it is replaced. Where nothing has to change nothing is
 * locked and nothing is written.
 *
 * A crash leaves each file old or new. The record names what is ours from before a file is replaced until after it is gone, so the
 * same command, run again, ends what was begun.
 */

export interface HomeWish {
  readonly runtime: string;
  readonly adapter: HomeRuntime;
  /** Absolute path of the home folder. */
  readonly home: string;
  /** Pure: which sources are to be rendered, given those that are. */
  readonly sources: (now: readonly RenderedSource[]) => readonly RenderedSource[];
  /** Look, but write nothing at all. */
  readonly dryRun: boolean;
  /** Names the program that renders, for the short cut of a run that has nothing to do. */
  readonly build: string;
}

export interface FileChange {
  readonly path: string;
  /** Text before and after; null = no file. */
  readonly before: string | null;
  readonly after: string | null;
}

export interface HomeOutcome {
  /** What changes, or would. */
  readonly files: readonly FileChange[];
  readonly links: readonly LinkChange[];
  readonly notes: readonly RenderNote[];
  /** Files that cannot be edited; then nothing was written anywhere. `snippet` is what to paste by hand. */
  readonly refused: readonly {
    readonly path: string;
    readonly reason: string;
    readonly hint: string;
    readonly snippet: string;
  }[];
  /** Places that hold something of the person's own where a skill was to be linked. */
  readonly keptPaths: readonly string[];
  readonly written: boolean;
}

interface Plan {
  /** A file that is refused was written a moment ago: it may be half of what another program writes. */
  readonly isDoubtful: boolean;
  readonly input: RenderInput;
  readonly outcome: HomeOutcome;
  readonly before: HomeRecord;
  readonly after: HomeRecord;
}

/** A file that was left alone this long is what its writer meant it to be. */
const QUIET_MS = 500;
const SETTLE_MS = 25;
/** Processes that empty a home remove its ledger's folder, which may hit another that is about to lock it. */
const MAX_LOCK_TRIES = 20;

/** Brings a home to the wished sources (B65, B68, T33, T37). Safe beside any number of its kind, and beside other programs. */
export async function renderHome(wish: HomeWish): Promise<Outcome<HomeOutcome, FileError>> {
  const first = await plan(wish);
  if (!first.ok) return first;
  if (wish.dryRun || first.value.outcome.refused.length > 0 || (isSettled(first.value) && isNoted(wish, first.value)))
    return ok(first.value.outcome);
  const path = homeLedgerPath(wish.home);
  for (let tries = 1; ; tries += 1) {
    const done = await withFileLock(path, async () => {
      const again = await plan(wish);
      return again.ok && !isSettled(again.value)
        ? carryOut(wish, again.value)
        : again.ok
          ? ok(again.value.outcome)
          : again;
    });
    if (!done.ok && done.error.cause === 'ENOENT' && tries < MAX_LOCK_TRIES) continue;
    await removeEmptyFolders([dirname(path)]);
    return done;
  }
}

function isSettled({ outcome, before, after }: Plan): boolean {
  const { settled: _settled, ...known } = before;
  return outcome.files.length === 0 && outcome.links.length === 0 && JSON.stringify(known) === JSON.stringify(after);
}

/** Whether the ledger says already that there is nothing to do, or cannot say so. */
function isNoted(wish: HomeWish, planned: Plan): boolean {
  return JSON.stringify(settledNow(wish, planned)) === JSON.stringify(planned.before.settled);
}

/** Undefined where something of the person's stands in the way of what is wished: that is worth telling each time. */
function settledNow(
  { adapter, build }: HomeWish,
  { after, outcome, input }: Pick<Plan, 'after' | 'outcome' | 'input'>,
): Settled | undefined {
  const isKept = outcome.keptPaths.length > 0 || outcome.notes.some(({ action }) => action === 'kept_theirs');
  if (isKept || after.sources.length === 0) return undefined;
  const files = input.files.map(({ path, text }) => [path, text] as const);
  const folder = adapter.skillsFolder(input.layout);
  const links = input.skills.map(({ name, path }) => [join(folder, name), path] as const);
  const mark = settledMark(build, after.sources, files, links);
  return { mark, files: files.map(([path]) => path), links: links.map(([path]) => path) };
}

/** Plans, and waits a little for a file that looks half-written. */
async function plan(wish: HomeWish): Promise<Outcome<Plan, FileError>> {
  for (let waited = 0; ; waited += SETTLE_MS) {
    const planned = await planNow(wish);
    if (!planned.ok || !planned.value.isDoubtful || waited >= QUIET_MS) return planned;
    await pause(SETTLE_MS);
  }
}

async function planNow({ runtime, adapter, home, sources }: HomeWish): Promise<Outcome<Plan, FileError>> {
  const ledger = await readHomeLedger(home);
  if (!ledger.ok) return ledger;
  const before = ledger.value.runtimes[runtime] ?? EMPTY_RECORD;
  const wished = sources(before.sources);
  const layout = homeLayout(home);
  const read = await Promise.all(
    adapter.nativeFiles(layout).map(async (file) => ({ ...file, found: await readConfigFile(file.path) })),
  );
  const files = read.map(({ id, path, found }) => ({ id, path, text: found.ok ? (found.value.text ?? null) : null }));
  const { servers, skills, identity, conflicts } = jointWish(wished, before.sources);
  const input: RenderInput = { layout, files, servers, identity, skills, ledger: before.ledger };
  const rendered = adapter.render(input);
  const notes = [...rendered.report, ...conflicts].map((note) => ({
    ...note,
    file: files.find(({ id }) => id === note.file)?.path ?? note.file,
  }));
  const problems = [
    ...read.flatMap(({ path, found }) =>
      found.ok ? [] : [{ path, reason: found.error.message, hint: found.error.hint }],
    ),
    ...notes
      .filter(({ action }) => action === 'refused_corrupt')
      .map(({ file, detail }) => ({
        path: file,
        reason: detail,
        hint: 'Mend the file and run this again, or add the lines by hand.',
      })),
  ];
  if (problems.length > 0) {
    const snippet = adapter.snippet(servers, layout);
    const refused = problems.map((problem) => ({ ...problem, snippet }));
    const isDoubtful = read.some(
      ({ found }) => found.ok && found.value.stats !== undefined && Date.now() - found.value.stats.mtimeMs < QUIET_MS,
    );
    return ok({
      input,
      isDoubtful,
      before,
      after: before,
      outcome: { files: [], links: [], notes, refused, keptPaths: [], written: false },
    });
  }
  const links = await linksToChange(
    rendered.links,
    new Set(before.sources.flatMap((source) => source.skills.map(({ path }) => path))),
  );
  const appearing = [
    ...rendered.writes.filter(({ text }) => text !== null),
    ...links.change.filter(({ target }) => target !== null),
  ];
  const made = await missingFolders(
    home,
    appearing.map(({ path }) => path),
  );
  const after = { sources: wished, ledger: rendered.ledger, folders: [...new Set([...before.folders, ...made])] };
  const changes = rendered.writes.map(({ id, path, text }) => ({ path, before: textOf(files, id), after: text }));
  return ok({
    input,
    isDoubtful: false,
    before,
    after: wished.length === 0 ? EMPTY_RECORD : after,
    outcome: { files: changes, links: links.change, notes, refused: [], keptPaths: links.kept, written: false },
  });
}

/** Under the lock. */
async function carryOut(wish: HomeWish, planned: Plan): Promise<Outcome<HomeOutcome, FileError>> {
  const { runtime, adapter, home } = wish;
  const { before, after, input, outcome } = planned;
  const folders = [...new Set([...before.folders, ...after.folders])];
  const claim = (ledger: RenderLedger) =>
    saveHomeRecord(home, runtime, {
      sources: sourcesOfBoth(before.sources, after.sources),
      ledger: claimsOfBoth(before.ledger, ledger),
      folders,
    });
  const hasWork = outcome.files.length > 0 || outcome.links.length > 0;
  const claimed = hasWork ? await claim(after.ledger) : ok(undefined);
  if (!claimed.ok) return claimed;
  const ledgers: Record<string, unknown> = { ...after.ledger.files };
  const changed: FileChange[] = [];
  let files = input.files;
  for (const { id, path } of input.files.filter((file) => outcome.files.some((change) => change.path === file.path))) {
    // Another program may have written meanwhile: then the file is read again, rendered again, and the claim renewed.
    const updated = await updateConfigFile<RenderOutcome, FileError>(
      path,
      (text) => {
        const done = adapter.render({ ...input, files: withText(input.files, id, text ?? null) });
        const broken = done.report.find(({ action, file }) => action === 'refused_corrupt' && file === id);
        if (broken !== undefined)
          return fileError('unreadable', path, `${path} was broken by another program: ${broken.detail}`);
        const write = done.writes.find((each) => each.id === id);
        return ok({ text: write === undefined ? text : (write.text ?? undefined), report: done });
      },
      {
        beforeReplace: async ({ ledger }) => {
          const renewed = await claim(ledger);
          if (!renewed.ok) throw new Error(renewed.error.message);
        },
      },
    );
    if (!updated.ok) return updated;
    const { report, written, file } = updated.value;
    if (after.sources.length > 0) ledgers[id] = report.ledger.files[id];
    files = withText(files, id, file.text ?? null);
    if (written) changed.push({ path, before: textOf(input.files, id), after: file.text ?? null });
  }
  await applyLinks(outcome.links);
  // Before the record goes: whoever is killed in between has something to come back to.
  if (after.sources.length === 0) {
    await sweepDebris(input.files.map(({ path }) => path));
    await removeEmptyFolders(folders);
  }
  const settled = settledNow(wish, { after, outcome, input: { ...input, files } });
  const ended = await saveHomeRecord(home, runtime, {
    ...after,
    ledger: { version: 1, files: ledgers },
    ...(settled === undefined ? {} : { settled }),
  });
  if (!ended.ok) return ended;
  return ok({ ...outcome, files: changed, written: hasWork });
}

function textOf(files: readonly NativeFile[], id: string): string | null {
  return files.find((file) => file.id === id)?.text ?? null;
}

function withText(files: readonly NativeFile[], id: string, text: string | null): readonly NativeFile[] {
  return files.map((file) => (file.id === id ? { ...file, text } : file));
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type {
  BoxLayout,
  NativeFile,
  RenderInput,
  RenderLedger,
  RenderNote,
  RenderOutcome,
  RuntimeAdapter,
} from '@molecule/adapters';
import type { DesiredServer } from '@molecule/contracts';
import { writeDurableFile } from '../files/durable-file.ts';
import { descriptorsAgree } from '../proof/descriptor-agreement.ts';
import { applyRendering, type NativeRead, nativeStamp, readNativeFiles } from './native-files.ts';

export interface RenderWish {
  readonly adapter: RuntimeAdapter;
  readonly layout: BoxLayout;
  readonly servers: readonly DesiredServer[];
  readonly identity: string | null;
  readonly skills: RenderInput['skills'];
  /** Ids of files that are contested: they are looked at and left alone. */
  readonly frozen: ReadonlySet<string>;
}

export interface ServerRendering {
  readonly ok: boolean;
  readonly reason: 'not_rendered' | 'differs' | 'kept_theirs' | null;
}

export interface RenderResult {
  /** Ids of files that were written. Empty: everything was as it should be, and nothing was touched (T27). */
  readonly written: readonly string[];
  readonly notes: readonly RenderNote[];
  readonly setAside: readonly string[];
  readonly problems: NativeRead['problems'];
  /** What the writing failed with; the reading back was done nevertheless, so that the gate decides on facts (B57, T30). */
  readonly failure: unknown;
  readonly files: readonly NativeFile[];
  readonly servers: Readonly<Record<string, ServerRendering>>;
  /** The identity text stands where the runtime reads it, exactly as it was given. */
  readonly isIdentityInPlace: boolean;
  /** State of the files that was judged, to be compared with `nativeStamp`. */
  readonly stamp: string;
}

/** A program that writes the file between each of our readings and writings is not to be outrun; the read back says what came of it. */
const MAX_ATTEMPTS = 8;

/**
 * Brings the native files of a runtime to what is declared, and reads them back as that runtime would (B52 to B56, B69).
 *
 * The ledger of owned entries is flushed before the files are touched: a crash in between leaves a claim on an entry that the next rendering
 * makes true, never an entry of ours that nobody knows of. Never throws for what it meets in the files.
 */
export function renderBox(wish: RenderWish, nowMs: number): RenderResult {
  const { adapter, layout } = wish;
  // Taken before each reading: a change that falls in between shows as a difference at the next look, and is not swallowed.
  let stamp = nativeStamp(adapter, layout);
  let before = readNativeFiles(adapter, layout);
  let onDisk: ReadonlyMap<string, string | null> = new Map();
  let outcome = withoutFrozen(adapter.render(renderInput(wish, before.files, readLedger(layout))), wish.frozen);
  const notes = outcome.report;
  let failure: unknown = null;
  const setAside: string[] = [];
  const written = new Set<string>();
  try {
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
      if (outcome.writes.length > 0 || readLedger(layout) === null)
        writeDurableFile(ledgerPath(layout), JSON.stringify(outcome.ledger));
      const applied = applyRendering(outcome, before, onDisk, layout, nowMs);
      setAside.push(...applied.setAside);
      for (const id of applied.written) written.add(id);
      if (applied.met.size === 0) break;
      // Somebody wrote between our reading and our writing: their text is rendered anew, so that neither side loses an entry.
      const now = readNativeFiles(adapter, layout);
      onDisk = new Map(now.files.map(({ id, text }) => [id, text]));
      before = { ...now, files: now.files.map((file) => ({ ...file, text: applied.met.get(file.id) ?? file.text })) };
      outcome = withoutFrozen(adapter.render(renderInput(wish, before.files, readLedger(layout))), wish.frozen);
    }
  } catch (error) {
    failure = error;
  }
  const isTouched = outcome.writes.length > 0 || written.size > 0 || setAside.length > 0;
  if (isTouched) stamp = nativeStamp(adapter, layout);
  const after = isTouched ? readNativeFiles(adapter, layout) : before;
  const again = adapter.render(renderInput(wish, after.files, readLedger(layout)));
  const isSettled = again.writes.length === 0;
  const keptTheirs = new Set(
    [...notes, ...again.report].filter((note) => note.action === 'kept_theirs').map((note) => note.server),
  );
  const loaded = adapter.read(after.files, layout);
  const servers: Record<string, ServerRendering> = {};
  for (const { name, descriptor } of wish.servers) {
    const found = loaded[name];
    // An adapter may render another form of the same server (HTTP for a stdio launcher); then only a second rendering can tell that it is ours.
    const isSame =
      found !== undefined && (found.type === descriptor.type ? descriptorsAgree(descriptor, found) : isSettled);
    const reason =
      found === undefined ? 'not_rendered' : keptTheirs.has(name) ? 'kept_theirs' : isSame ? null : 'differs';
    servers[name] = { ok: reason === null, reason };
  }
  const isIdentityInPlace = wish.identity !== null && adapter.readIdentity(after.files, layout) === wish.identity;
  return {
    written: failure === null ? [...written] : [],
    notes,
    setAside,
    problems: before.problems,
    failure,
    files: after.files,
    servers,
    isIdentityInPlace,
    stamp,
  };
}

function renderInput(wish: RenderWish, files: readonly NativeFile[], ledger: RenderLedger | null): RenderInput {
  return { layout: wish.layout, files, servers: wish.servers, identity: wish.identity, skills: wish.skills, ledger };
}

function withoutFrozen(outcome: RenderOutcome, frozen: ReadonlySet<string>): RenderOutcome {
  return frozen.size === 0 ? outcome : { ...outcome, writes: outcome.writes.filter(({ id }) => !frozen.has(id)) };
}

function ledgerPath(layout: BoxLayout): string {
  return join(layout.run, 'ledger.json');
}

/** Null where there is none or it cannot be read: then nothing counts as ours, and nothing is taken away from anybody. */
function readLedger(layout: BoxLayout): RenderLedger | null {
  try {
    // Written above and by nobody else; the version tells a foreign shape.
    const ledger = JSON.parse(readFileSync(ledgerPath(layout), 'utf8')) as RenderLedger;
    return ledger.version === 1 ? ledger : null;
  } catch {
    return null;
  }
}

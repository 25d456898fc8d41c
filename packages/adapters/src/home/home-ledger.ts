import type { DesiredServer } from '@molecule/contracts';
import type { RenderLedger } from '../contract/index.ts';
import { samePath } from '../editing/config-value.ts';
import { readConfigFile } from '../editing/file/config-file.ts';
import { type FileError, fileError } from '../editing/file/file-error.ts';
import { replaceFile } from '../editing/file/replace-file.ts';
import type { FileLedger } from '../editing/ledger.ts';
import type { Outcome } from '../editing/outcome.ts';
import { ok } from '../editing/outcome.ts';
import { SERVERS_FILE } from '../native-config/native-config.ts';
import { type NativeLedger, SKILLS } from '../native-config/render-native.ts';
import type { Settled } from './settled-home.ts';

/** A plugin as it was rendered: enough to take it out again when its folder is gone. */
export interface RenderedSource {
  /** The source in its one spelling. */
  readonly source: string;
  readonly plugin: string;
  /** Changes when anything changes of which the rest was made. */
  readonly stamp: string;
  readonly servers: readonly DesiredServer[];
  readonly skills: readonly { readonly name: string; readonly path: string }[];
  readonly instructions: readonly string[];
  /** Files of the package besides its manifest of which the stamp is made. */
  readonly files: readonly string[];
  /** Folder into which a fetched package was unpacked, to be removed with it; null = its files are where they were. */
  readonly unpacked: string | null;
}

export interface HomeRecord {
  /** In the order in which they were first rendered. */
  readonly sources: readonly RenderedSource[];
  readonly ledger: RenderLedger;
  /** Folders that were not there before, outermost first; they go with the last source if nothing else is in them. */
  readonly folders: readonly string[];
  /** Everything is as the last rendering left it while this holds; absent where that rendering had to leave something of the person's. */
  readonly settled?: Settled;
}

/** What we rendered into one home, by runtime. Private as the files it speaks of: it can hold text that stood in them before. */
export interface HomeLedger {
  readonly version: 1;
  readonly runtimes: Readonly<Record<string, HomeRecord>>;
}

export const EMPTY_RECORD: HomeRecord = { sources: [], ledger: { version: 1, files: {} }, folders: [] };
const EMPTY: HomeLedger = { version: 1, runtimes: {} };

export function homeLedgerPath(home: string): string {
  return `${home}/.molecule/render-ledger.json`;
}

/** The ledger of a home; empty where there is none. One that cannot be read is refused: without it nothing could be taken back exactly. */
export async function readHomeLedger(home: string): Promise<Outcome<HomeLedger, FileError>> {
  const path = homeLedgerPath(home);
  const file = await readConfigFile(path);
  if (!file.ok) return file;
  if (file.value.text === undefined) return ok(EMPTY);
  try {
    // Written below and by nobody else; the version tells a foreign shape.
    const ledger = JSON.parse(file.value.text) as HomeLedger;
    if (ledger.version === 1) return ok(ledger);
  } catch {
    // Said below.
  }
  return fileError('unreadable', path, `${path} is not a ledger that this version wrote.`);
}

/** Puts the record of one runtime into the ledger, or takes it out where it is empty. Call it under the lock of the ledger. */
export async function saveHomeRecord(
  home: string,
  runtime: string,
  record: HomeRecord,
): Promise<Outcome<void, FileError>> {
  const path = homeLedgerPath(home);
  const [file, old] = [await readConfigFile(path), await readHomeLedger(home)];
  if (!file.ok) return file;
  if (!old.ok) return old;
  const { [runtime]: _gone, ...others } = old.value.runtimes;
  const runtimes = record.sources.length === 0 ? others : { ...others, [runtime]: record };
  const text =
    Object.keys(runtimes).length === 0
      ? undefined
      : `${JSON.stringify({ version: 1, runtimes } satisfies HomeLedger)}\n`;
  if (text === file.value.text) return ok(undefined);
  const replaced = await replaceFile(file.value, text);
  if (!replaced.ok) return replaced;
  return replaced.value.kind === 'written'
    ? ok(undefined)
    : fileError('contested', path, `${path} was changed by another program.`);
}

/**
 * What is to be on record while files are being replaced: the claims of before and after. A crash in between then leaves claims
 * that lapse, never an entry of ours that nobody knows of.
 */
export function claimsOfBoth(before: RenderLedger, after: RenderLedger): RenderLedger {
  // The shapes below are those of the renderer of native files, which wrote both.
  const [old, next] = [before.files, after.files] as NativeLedger[];
  const servers = old?.servers && next?.servers ? bothFileClaims(old.servers, next.servers) : undefined;
  const names = [...new Set([...(old?.skills?.names ?? []), ...(next?.skills?.names ?? [])])];
  return {
    version: 1,
    files: {
      ...before.files,
      ...after.files,
      ...(servers === undefined ? {} : { [SERVERS_FILE]: servers }),
      ...(names.length === 0 ? {} : { [SKILLS]: { version: 1, names } }),
    },
  };
}

function bothFileClaims(before: FileLedger, { entries, containers }: FileLedger): FileLedger {
  return {
    version: 1,
    entries: [...before.entries.filter((old) => !entries.some(({ path }) => samePath(path, old.path))), ...entries],
    containers: [
      ...before.containers.filter((old) => !containers.some(({ path }) => samePath(path, old.path))),
      ...containers,
    ],
  };
}

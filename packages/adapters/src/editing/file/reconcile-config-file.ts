import { isMap } from '../config-value.ts';
import type { DocumentFormat } from '../document-format.ts';
import type { EditError } from '../edit-error.ts';
import { EMPTY_LEDGER, type FileLedger } from '../ledger.ts';
import { fail, type Outcome, ok } from '../outcome.ts';
import { type DesiredEntry, type ReconcileResult, reconcile } from '../reconcile.ts';
import type { ReconcilePolicy } from '../reconcile-policy.ts';
import { readConfigFile } from './config-file.ts';
import type { FileError } from './file-error.ts';
import { setAside } from './set-aside.ts';
import { updateConfigFile } from './update-config-file.ts';

export interface ReconcileFileOptions {
  readonly ledger: FileLedger;
  readonly policy: ReconcilePolicy;
  /** Called before the file is replaced, so that a crash never leaves an entry of ours that no ledger knows. */
  readonly saveLedger?: (ledger: FileLedger) => Promise<void>;
}

export interface ReconciledFile {
  readonly ledger: FileLedger;
  readonly actions: ReconcileResult['actions'];
  readonly written: boolean;
  /** How often a foreign writer was met and merged. */
  readonly foreignWrites: number;
  /** Where a file that could not be parsed was put. */
  readonly setAside?: string;
}

/** The file is as it was; `snippet` is what its owner can paste to get what was wished. */
export interface Refusal {
  readonly reason: EditError | FileError;
  readonly snippet: string;
}

const MAX_REBUILDS = 3;

/** Brings a configuration file to the wish, by the policy of the place (B52 to B57, T27 to T31). */
export async function reconcileConfigFile(
  path: string,
  format: DocumentFormat,
  desired: readonly DesiredEntry[],
  options: ReconcileFileOptions,
): Promise<Outcome<ReconciledFile, Refusal>> {
  const { policy } = options;
  let ledger = options.ledger;
  let aside: string | undefined;
  for (let rebuilds = 0; ; rebuilds += 1) {
    const updated = await updateConfigFile(
      path,
      (text) => {
        const done = reconcile(format, text, desired, ledger, policy);
        return done.ok ? ok({ text: done.value.text, report: done.value }) : done;
      },
      { beforeReplace: async (report) => options.saveLedger?.(report.ledger) },
    );
    if (updated.ok) {
      const { report, written, foreignWrites } = updated.value;
      const { actions } = report;
      return ok({
        ledger: report.ledger,
        actions,
        written,
        foreignWrites,
        ...(aside === undefined ? {} : { setAside: aside }),
      });
    }
    if (policy.corrupt === 'refuse' || !isBroken(updated.error) || rebuilds >= MAX_REBUILDS) {
      return fail({ reason: updated.error, snippet: snippetOf(format, desired) });
    }
    const moved = await rebuildable(path, format);
    if (!moved.ok) return fail({ reason: moved.error, snippet: snippetOf(format, desired) });
    if (moved.value !== undefined) {
      aside = moved.value;
      ledger = EMPTY_LEDGER;
    }
  }
}

/** Whether the content, not its place, is what is wrong. */
function isBroken(error: EditError | FileError): boolean {
  if (!('file' in error)) return error.code !== 'unprintable';
  return error.code === 'too_large' || error.code === 'binary';
}

/** Sets the file aside; what could still be understood of it becomes the new file, so that other keys survive (B55). */
async function rebuildable(path: string, format: DocumentFormat): Promise<Outcome<string | undefined, FileError>> {
  const file = await readConfigFile(path);
  const text = file.ok ? file.value.text : undefined;
  if (file.ok && text === undefined) return ok(undefined);
  const salvaged = text === undefined ? undefined : reprinted(format, text);
  const aside = await setAside(path, text);
  if (!aside.ok || aside.value === undefined || salvaged === undefined) return aside;
  const written = await updateConfigFile<undefined, never>(path, (now) =>
    ok({ text: now ?? salvaged, report: undefined }),
  );
  return written.ok ? aside : written;
}

/** The same meaning in a plain form; undefined where the text has no meaning to keep. */
function reprinted(format: DocumentFormat, text: string): string | undefined {
  const parsed = format.parse(text);
  if (!parsed.ok || !isMap(parsed.value)) return undefined;
  const edits = Object.entries(parsed.value).map(([key, value]) => ({ op: 'set', path: [key], value }) as const);
  const printed = format.edit('', edits);
  return printed.ok ? printed.value.text : undefined;
}

/** The wished entries as a document of their own. */
export function snippetOf(format: DocumentFormat, desired: readonly DesiredEntry[]): string {
  const printed = format.edit(
    '',
    desired.map(({ path, value }) => ({ op: 'set', path, value }) as const),
  );
  return printed.ok ? printed.value.text : '';
}

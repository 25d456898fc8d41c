import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isMoleculeError, type TaskResultRequest, TaskResultRequest as TaskResultSchema } from '@molecule/contracts';
import { writeDurableFile } from '../files/durable-file.ts';

export interface OutboxRecord {
  readonly taskId: string;
  readonly result: TaskResultRequest;
}

/**
 * Finished turns that the control plane has not acknowledged yet, one file `<task>-<attempt>.json` for each.
 *
 * States of a record: absent → on disk (flushed before anything is reported) → reported and acknowledged → absent. A crash at any moment leaves it on disk, and
 * the next life of the box reports it before anything else. Reporting twice is harmless: the attempt number fences it.
 */
export class Outbox {
  readonly #folder: string;

  constructor(runFolder: string) {
    this.#folder = join(runFolder, 'outbox');
  }

  /** Flushes a record to the disk. @throws Error of the system; then the result must still be reported from memory. */
  add(record: OutboxRecord): void {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    writeDurableFile(this.#place(record), JSON.stringify(record));
  }

  remove(record: OutboxRecord): void {
    // Not flushed: a record that comes back with the power is reported once more, which is harmless.
    rmSync(this.#place(record), { force: true });
  }

  /** Records that wait, oldest name first. One that cannot be read is set aside and does not hold up the others. */
  waiting(): OutboxRecord[] {
    const records: OutboxRecord[] = [];
    for (const name of namesIn(this.#folder)) {
      const path = join(this.#folder, name);
      // A crash while it was being written: never reported, and never whole.
      if (name.endsWith('.partial')) rmSync(path, { force: true });
      if (!name.endsWith('.json')) continue;
      try {
        const { taskId, result } = JSON.parse(readFileSync(path, 'utf8')) as { taskId: string; result: unknown };
        records.push({ taskId, result: TaskResultSchema.parse(result) });
      } catch {
        renameSync(path, `${path}.corrupt`);
      }
    }
    return records;
  }

  #place({ taskId, result }: OutboxRecord): string {
    return join(this.#folder, `${taskId}-${result.attempt}.json`);
  }
}

/** Refusals that no repeat changes: another attempt has taken over, or the task is over or gone. The record has done its duty. */
export function isFinalRefusal(error: unknown): boolean {
  return (
    isMoleculeError(error, 'task_not_leased') ||
    isMoleculeError(error, 'task_finished') ||
    isMoleculeError(error, 'task_not_found') ||
    isMoleculeError(error, 'workspace_removed') ||
    isMoleculeError(error, 'workspace_not_found')
  );
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

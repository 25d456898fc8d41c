import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readBootId, type StartedProcess, stillRuns } from '@molecule/processes';
import { killUntilGone } from './kill-until-gone.ts';
import { findBoxProcesses } from './process-census.ts';

/**
 * The file by which a later box host ends what a killed one left running.
 *
 * One JSON document per line: first, before the start, the marker that all processes will carry; then their leader once it is known. A crash of the host in
 * between leaves a record whose marker still finds them. Nothing waits for the disk: with the machine its processes end, too, and a record of an
 * earlier boot of the machine ends nothing. The file is removed when nothing of the start is left.
 */
export interface RecoveryRecord {
  readonly bootId: string;
  readonly marker: string;
  readonly leader: StartedProcess | null;
}

/** Writes the record of a start that is about to be made. The directory must exist. */
export function openRecord(path: string, marker: string): void {
  writeFileSync(path, line({ bootId: readBootId(), marker }), { mode: 0o600 });
}

/** Adds the leader to the record of its start. */
export function addLeader(path: string, leader: StartedProcess): void {
  appendFileSync(path, line({ leader }));
}

export function removeRecord(path: string): void {
  rmSync(path, { force: true });
}

/** Reads a record; null where there is none or none that is whole. */
export function readRecord(path: string): RecoveryRecord | null {
  const merged: { bootId?: string; marker?: string; leader?: StartedProcess } = {};
  try {
    const content = readFileSync(path, 'utf8');
    const whole = content.slice(0, content.lastIndexOf('\n') + 1);
    for (const line of whole.split('\n')) if (line !== '') Object.assign(merged, JSON.parse(line));
  } catch {
    return null;
  }
  if (merged.bootId === undefined || merged.marker === undefined) return null;
  return { bootId: merged.bootId, marker: merged.marker, leader: merged.leader ?? null };
}

/**
 * Ends what a start of an earlier box host left running, and removes its record. Kills nothing where the machine was booted since, and no group
 * whose leader is not the recorded process: its number may belong to another one by now.
 *
 * @returns the number of processes that were still there.
 */
export async function endLeftovers(path: string): Promise<number> {
  const record = readRecord(path);
  let ended = 0;
  if (record !== null && record.bootId === readBootId()) {
    const group = record.leader !== null && stillRuns(record.leader) ? record.leader.pid : null;
    ended = await killUntilGone(() => findBoxProcesses({ group, marker: record.marker }));
  }
  removeRecord(path);
  return ended;
}

function line(document: object): string {
  return `${JSON.stringify(document)}\n`;
}

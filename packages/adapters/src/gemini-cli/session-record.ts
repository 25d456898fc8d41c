import { lstat, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Puts the record of a session where the runtime finds it when it loads the session.
 *
 * The runtime (0.61.0) names a record after the minute and the session, and opens one anew before it loads: in the minute in which the session was begun
 * that is the same file, which loses its messages; in any other it leaves a record without messages, for which its next start throws away
 * all records of the session. Under another name that it still reads, the record is out of reach of both. It goes on writing there.
 */
export async function keepSessionRecord(home: string, sessionId: string): Promise<void> {
  const short = /^([0-9a-f]{8})-[0-9a-f-]+$/.exec(sessionId)?.[1];
  if (short === undefined) return;
  const kept = `session-kept-${sessionId}.jsonl`;
  const projects = join(home, '.gemini', 'tmp');
  for (const project of await foldersIn(projects)) {
    const folder = join(projects, project, 'chats');
    if (!(await isFolder(folder))) continue;
    const names = await readdir(folder);
    const records = names.filter((name) => new RegExp(`^session-[\\dT-]+-${short}\\.jsonl$`).test(name)).sort();
    const [first] = records;
    if (first === undefined) continue;
    const isKept = names.includes(kept);
    if (!isKept) await rename(join(folder, first), join(folder, kept));
    for (const empty of isKept ? records : records.slice(1)) await rm(join(folder, empty));
  }
}

async function foldersIn(folder: string): Promise<readonly string[]> {
  if (!(await isFolder(folder))) return [];
  return (await readdir(folder, { withFileTypes: true })).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
}

/** Links are not followed: they may lead out of the box. */
async function isFolder(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => null))?.isDirectory() === true;
}

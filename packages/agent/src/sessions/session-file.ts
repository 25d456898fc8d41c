import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelMessage } from 'ai';

/**
 * A session on disk: `sessions/<id>.jsonl`, one line `{"v":1,"message":…}` per model message, appended and fsynced after the prompt
 * and after each finished step, so that a killed agent still knows on resume which tools it has called.
 *
 * Invariants: a stored tool call is followed by its results (a step is written whole). A crash leaves at most one torn last
 * line, which the reader drops and the next append closes with a line break.
 */
export interface SessionFile {
  readonly id: string;
  /** Messages so far, oldest first. */
  readonly messages: readonly ModelMessage[];
  append(messages: readonly ModelMessage[]): Promise<void>;
}

/** Ids are ours (UUIDs); anything else cannot name a file outside the folder. */
const SESSION_ID = /^[A-Za-z0-9-]{1,64}$/;

/** Opens a stored session; null when there is none of this id. */
export async function openSession(home: string, id: string): Promise<SessionFile | null> {
  if (!SESSION_ID.test(id)) return null;
  const path = join(home, 'sessions', `${id}.jsonl`);
  const text = await readFile(path, 'utf8').catch(() => null);
  if (text === null) return null;
  const messages = text
    .split('\n')
    .map(parseLine)
    .filter((message) => message !== null);
  return session(path, id, messages, text !== '' && !text.endsWith('\n'));
}

/** Starts a session whose first messages are the given ones. */
export async function createSession(home: string, id: string, first: readonly ModelMessage[]): Promise<SessionFile> {
  await mkdir(join(home, 'sessions'), { recursive: true, mode: 0o700 });
  const created = session(join(home, 'sessions', `${id}.jsonl`), id, [], false);
  await created.append(first);
  return created;
}

function session(path: string, id: string, initial: readonly ModelMessage[], torn: boolean): SessionFile {
  const messages = [...initial];
  let needsBreak = torn;
  return {
    id,
    messages,
    append: async (added) => {
      if (added.length === 0) return;
      const lines = added.map((message) => `${JSON.stringify({ v: 1, message })}\n`).join('');
      const file = await open(path, 'a', 0o600);
      try {
        await file.write(needsBreak ? `\n${lines}` : lines);
        await file.datasync();
      } finally {
        await file.close();
      }
      needsBreak = false;
      messages.push(...added);
    },
  };
}

function parseLine(line: string): ModelMessage | null {
  if (line === '') return null;
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== 'object' || value === null || !('v' in value) || value.v !== 1 || !('message' in value))
      return null;
    return value.message as ModelMessage; // written by us in this very shape
  } catch {
    return null;
  }
}

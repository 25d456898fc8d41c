import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifies } from '@molecule/testkit/verifies';
import { expect, onTestFinished, test } from 'vitest';
import { keepSessionRecord } from '../../src/gemini-cli/session-record.ts';

const SESSION = '7dddce78-8a73-4421-a181-fd790290ebe2';
const OTHER = 'session-2026-11-20T17-06-8265f636.jsonl';
const KEPT = `session-kept-${SESSION}.jsonl`;

function chats(records: Readonly<Record<string, string>>): { readonly home: string; readonly folder: string } {
  const home = mkdtempSync(join(tmpdir(), 'molecule-records-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const folder = join(home, '.gemini', 'tmp', 'work', 'chats');
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(records)) writeFileSync(join(folder, name), text);
  return { home, folder };
}

test(
  verifies('I3-turn-resume', 'the record of a session gets a name that the runtime does not write over'),
  async () => {
    const { home, folder } = chats({ 'session-2026-11-20T17-06-7dddce78.jsonl': 'all', [OTHER]: 'other' });
    await keepSessionRecord(home, SESSION);
    expect(readdirSync(folder).sort()).toEqual([OTHER, KEPT].sort());
    expect(readFileSync(join(folder, KEPT), 'utf8')).toBe('all');

    // What the runtime leaves of each load holds nothing, and would have it throw away the session.
    writeFileSync(join(folder, 'session-2026-11-20T17-09-7dddce78.jsonl'), 'empty');
    await keepSessionRecord(home, SESSION);
    expect(readdirSync(folder).sort()).toEqual([OTHER, KEPT].sort());
    expect(readFileSync(join(folder, KEPT), 'utf8')).toBe('all');
  },
);

test('the oldest of several records is the session', async () => {
  const { home, folder } = chats({
    'session-2026-11-20T17-09-7dddce78.jsonl': 'empty',
    'session-2026-11-20T17-06-7dddce78.jsonl': 'all',
  });
  await keepSessionRecord(home, SESSION);
  expect(readdirSync(folder)).toEqual([KEPT]);
  expect(readFileSync(join(folder, KEPT), 'utf8')).toBe('all');
});

test('no home, no record, an id that is none, or a link out of the box: nothing happens', async () => {
  const { home, folder } = chats({ 'session-2026-11-20T17-06-7dddce78.jsonl': 'all' });
  await keepSessionRecord(join(home, 'none'), SESSION);
  await keepSessionRecord(home, '../../7dddce78');
  await keepSessionRecord(home, '11111111-8a73-4421-a181-fd790290ebe2');
  const linked = chats({});
  rmSync(linked.folder, { recursive: true });
  symlinkSync(folder, linked.folder);
  await keepSessionRecord(linked.home, SESSION);
  expect(readdirSync(folder)).toEqual(['session-2026-11-20T17-06-7dddce78.jsonl']);
});

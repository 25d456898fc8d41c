import { appendFileSync, mkdtempSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createSession, openSession } from '../src/sessions/session-file.ts';

const home = () => mkdtempSync(join(tmpdir(), 'agent-sessions-'));
const user = (content: string) => ({ role: 'user', content }) as const;

test('messages come back in order, in a file that only its owner reads', async () => {
  const folder = home();
  const session = await createSession(folder, 'abc', [user('one')]);
  await session.append([user('two'), user('three')]);
  expect((await openSession(folder, 'abc'))?.messages).toEqual([user('one'), user('two'), user('three')]);
  expect(statSync(join(folder, 'sessions', 'abc.jsonl')).mode & 0o777).toBe(0o600);
});

test('a torn last line is dropped and does not spoil what follows', async () => {
  const folder = home();
  await createSession(folder, 'abc', [user('one')]);
  appendFileSync(join(folder, 'sessions', 'abc.jsonl'), '{"v":1,"message":{"role":"us');
  const session = await openSession(folder, 'abc');
  expect(session?.messages).toEqual([user('one')]);
  await session?.append([user('two')]);
  expect((await openSession(folder, 'abc'))?.messages).toEqual([user('one'), user('two')]);
  expect(readFileSync(join(folder, 'sessions', 'abc.jsonl'), 'utf8').endsWith('\n')).toBe(true);
});

test.each(['../abc', 'a/b', '', '.', 'x'.repeat(65)])('%j names no session', async (id) => {
  expect(await openSession(home(), id)).toBeNull();
});

import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import type { Message, TurnEvent } from '../src/api/wire.generated.ts';
import { upsertMessage } from '../src/chat/message-pages.ts';
import { SseReader } from '../src/live/sse-reader.ts';
import { foldTurn, type Turn } from '../src/live/turns.ts';

const EVENTS: readonly TurnEvent[] = [
  { type: 'started', sessionId: null, model: null },
  { type: 'text', text: 'Let me ' },
  { type: 'text', text: 'look.' },
  { type: 'tool_call', callId: 'a', server: 's', tool: 'list', input: {} },
  { type: 'tool_result', callId: 'a', ok: true, output: '[]', durationMs: 3 },
  { type: 'text', text: 'Nothing there.' },
];

test(verifies('I6-live-cursor', 'a turn is the same however its events are cut, repeated and overlapped'), () => {
  const whole = foldTurn(undefined, { attempt: 1, from: 0, events: EVENTS });
  expect(whole.text).toBe('Let me look.\n\nNothing there.');
  expect(whole.calls).toEqual([
    { callId: 'a', server: 's', tool: 'list', input: {}, result: { ok: true, output: '[]', durationMs: 3 } },
  ]);
  for (let cut = 0; cut <= EVENTS.length; cut += 1) {
    for (let overlap = 0; overlap <= cut; overlap += 1) {
      let turn: Turn | undefined = foldTurn(undefined, { attempt: 1, from: 0, events: EVENTS.slice(0, cut) });
      turn = foldTurn(turn, { attempt: 1, from: cut - overlap, events: EVENTS.slice(cut - overlap) });
      turn = foldTurn(turn, { attempt: 1, from: 0, events: EVENTS });
      expect(turn).toEqual(whole);
    }
  }
});

test(verifies('I6-live-cursor', 'a later attempt starts over, an earlier one is left out'), () => {
  const second = foldTurn(foldTurn(undefined, { attempt: 1, from: 0, events: EVENTS }), {
    attempt: 2,
    from: 0,
    events: [{ type: 'text', text: 'again' }],
  });
  expect(second).toMatchObject({ attempt: 2, text: 'again', calls: [] });
  expect(foldTurn(second, { attempt: 1, from: 6, events: [{ type: 'text', text: 'late' }] })).toBe(second);
});

test(verifies('I6-live-cursor', 'events are read whole whatever the chunks are'), () => {
  const stream = 'retry: 1000\n\nid: 1-1\nevent: a\ndata: {"x":1}\n\n: ping\n\nid: 1-2\nevent: b\ndata: {"y":"é"}\n\n';
  for (let size = 1; size < stream.length; size += 1) {
    const reader = new SseReader();
    const got = [];
    for (let at = 0; at < stream.length; at += size) got.push(...reader.push(stream.slice(at, at + size)));
    expect(got.filter(({ data }) => data !== '')).toEqual([
      { id: '1-1', data: '{"x":1}' },
      { id: '1-2', data: '{"y":"é"}' },
    ]);
  }
});

test(verifies('I6-live-cursor', 'a message is kept once, and an answer never becomes pending again'), () => {
  const message = (id: string, status: Message['status']): Message => ({
    id,
    status,
    conversationId: 'c',
    workspaceId: 'w',
    role: 'agent',
    text: status,
    taskId: 't',
    parts: [],
    createdAt: '2026-01-01T00:00:00Z',
  });
  let pages: Parameters<typeof upsertMessage>[0] = {
    pages: [{ items: [message('2', 'pending'), message('1', 'complete')], older: null, newer: null }],
    pageParams: [null],
  };
  pages = upsertMessage(pages, message('2', 'complete'));
  pages = upsertMessage(pages, message('2', 'pending'));
  pages = upsertMessage(pages, message('3', 'pending'));
  pages = upsertMessage(pages, message('3', 'pending'));
  expect(pages.pages.flatMap((page) => page.items.map(({ id, status }) => `${id} ${status}`))).toEqual([
    '3 pending',
    '2 complete',
    '1 complete',
  ]);
});

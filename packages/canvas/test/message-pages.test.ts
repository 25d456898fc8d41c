import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import type { Message } from '../src/api/wire.generated.ts';
import { type MessagePages, MOST_PAGES, upsertMessage } from '../src/chat/message-pages.ts';

const idOf = (number: number): string => `00000000-0000-7000-8000-${String(number).padStart(12, '0')}`;

function message(number: number): Message {
  return {
    id: idOf(number),
    conversationId: idOf(0),
    workspaceId: idOf(0),
    role: 'user',
    status: 'complete',
    text: `entry ${number}`,
    parts: [],
    taskId: null,
    createdAt: '2026-01-01T00:00:00.000Z',
    createdBy: 'system',
  } as unknown as Message; // only these fields are looked at
}

const numbers = ({ pages }: MessagePages): readonly number[] =>
  pages.flatMap((page) => page.items.map((each) => Number(each.id.slice(-12))));

test(
  verifies('I6-bad-size', 'a conversation that goes on for days in an open page keeps its newest messages and no more'),
  () => {
    let pages: MessagePages = { pages: [{ items: [], older: null, newer: null }], pageParams: [null] };
    for (let number = 1; number <= 5000; number += 1) pages = upsertMessage(pages, message(number));
    const kept = numbers(pages);
    expect(kept.length).toBeLessThanOrEqual(MOST_PAGES * 100);
    expect(kept.length).toBeGreaterThan(MOST_PAGES * 25);
    // Without a gap, newest first, and the last page says where earlier ones are.
    expect(kept).toEqual(kept.map((_, index) => 5000 - index));
    expect(pages.pages.at(-1)?.older).toBe(idOf(kept.at(-1) ?? 0));
    expect(pages.pageParams.length).toBe(pages.pages.length);
    expect(pages.pages[0]?.newer).toBeNull();
  },
);

test(
  verifies(
    'I6-bad-size',
    'a message beyond what is held is not put where it does not belong; one that is held is renewed',
  ),
  () => {
    const away: MessagePages = {
      pages: [{ items: [message(20), message(19)], older: idOf(19), newer: idOf(20) }],
      pageParams: [{ toward: 'older', cursor: idOf(21) }],
    };
    expect(numbers(upsertMessage(away, message(40)))).toEqual([20, 19]);
    expect(numbers(upsertMessage(away, message(3)))).toEqual([20, 19]);
    const changed = upsertMessage(away, { ...message(19), text: 'changed' });
    expect(changed.pages[0]?.items[1]?.text).toBe('changed');
    const atEnd: MessagePages = {
      pages: [{ items: [message(20), message(19)], older: idOf(19), newer: null }],
      pageParams: [null],
    };
    expect(numbers(upsertMessage(atEnd, message(40)))).toEqual([40, 20, 19]);
    expect(numbers(upsertMessage(atEnd, message(3)))).toEqual([20, 19]);
  },
);

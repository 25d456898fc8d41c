import fc from 'fast-check';
import { expect, test } from 'vitest';
import { newId, TaskId } from '../src/index.ts';

test('ids are UUIDs of version 7 that sort by time, and within a millisecond by the order in which they were made', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 47 }), (ms) => {
      const ids = Array.from({ length: 500 }, () => newId(ms));
      expect(ids.every((id) => TaskId.safeParse(id).success && id[14] === '7')).toBe(true);
      expect([...ids].sort()).toEqual(ids);
      expect(newId(ms + 1) > (ids.at(-1) ?? '')).toBe(true);
    }),
    { numRuns: 20 },
  );
  expect(new Set(Array.from({ length: 10_000 }, () => newId())).size).toBe(10_000);
});

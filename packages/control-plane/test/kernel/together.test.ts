import { expect, test } from 'vitest';
import { Gatherer } from '../../src/kernel/gatherer.ts';
import { SharedReads } from '../../src/kernel/shared-reads.ts';

test('what is asked for while two batches are under way is done together in the next one', async () => {
  const batches: number[][] = [];
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const twice = new Gatherer<number, number>(3, async (batch) => {
    batches.push([...batch]);
    await gates[batches.length - 1]?.promise;
    return batch.map((n) => n * 2);
  });
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const first = twice.add(1);
  await turn();
  const second = twice.add(2);
  await turn();
  const rest = [3, 4, 5, 6].map((n) => twice.add(n));
  await turn();
  expect(batches).toEqual([[1], [2]]);
  // The second is not held up by the first, and brings on what has gathered.
  gates[1]?.resolve();
  expect(await Promise.all([second, ...rest])).toEqual([4, 6, 8, 10, 12]);
  expect(batches).toEqual([[1], [2], [3, 4, 5], [6]]);
  gates[0]?.resolve();
  expect(await first).toBe(2);
});

test('a batch that fails fails for all in it and for nobody after it', async () => {
  const strict = new Gatherer<number, number>(10, async (batch) => {
    if (batch.includes(0)) throw new Error('zero');
    return batch;
  });
  const outcomes = await Promise.allSettled([strict.add(1), strict.add(0)]);
  expect(outcomes.map((outcome) => outcome.status)).toEqual(['rejected', 'rejected']);
  expect(await strict.add(2)).toBe(2);
});

test('callers of the same time share a read, and none gets one that began before it asked', async () => {
  let stored = 0;
  let begun = 0;
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const reads = new SharedReads<number>();
  const load = async (): Promise<number> => {
    const seen = stored; // as of its beginning, like a statement
    const gate = gates[begun];
    begun += 1;
    await gate?.promise;
    return seen;
  };
  const early = reads.read('a', load);
  stored = 1;
  const late = [reads.read('a', load), reads.read('a', load)];
  expect(begun).toBe(1);
  for (const gate of gates) gate.resolve();
  expect(await early).toBe(0);
  expect(await Promise.all(late)).toEqual([1, 1]);
  expect(begun).toBe(2);
  expect(await reads.read('a', load)).toBe(1);
});

test('a read that failed is not kept', async () => {
  const reads = new SharedReads<number>();
  const failing = reads.read('a', async () => Promise.reject(new Error('away')));
  const next = reads.read('a', async () => 7);
  await expect(failing).rejects.toThrow('away');
  expect(await next).toBe(7);
});

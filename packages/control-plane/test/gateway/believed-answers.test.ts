import { until } from '@molecule/testkit/installation';
import { expect, test } from 'vitest';
import { BelievedAnswers } from '../../src/gateway/believed-answers.ts';

/** A database that answers when told to. */
function desk() {
  const asked: { answer(value: string): void; fail(): void }[] = [];
  const ask = () =>
    new Promise<string>((resolve, reject) => {
      asked.push({ answer: resolve, fail: () => reject(new Error('database')) });
    });
  return { asked, ask };
}

test('all who want the same answer at the same time wait for one question', async () => {
  const { asked, ask } = desk();
  const answers = new BelievedAnswers(ask, 60_000, 10);
  const both = [answers.of('a'), answers.of('a')];
  expect(asked).toHaveLength(1);
  asked[0]?.answer('yes');
  expect(await Promise.all(both)).toEqual(['yes', 'yes']);
  expect(answers.known('a')).toBe('yes');
  expect(asked).toHaveLength(1);
});

test('an answer in use is asked for again while the old one still serves, and never believed for longer than its time', async () => {
  const { asked, ask } = desk();
  const answers = new BelievedAnswers(ask, 400, 10);
  const first = answers.of('a');
  asked[0]?.answer('old');
  expect(await first).toBe('old');
  await until(
    'it is asked again',
    () => {
      answers.known('a');
      return asked.length;
    },
    (count) => count === 2,
  );
  // No answer: the old one ends in its time, however slow this machine is.
  await until(
    'the old one is given up',
    () => answers.known('a'),
    (known) => known === undefined,
  );
  const waiting = answers.of('a');
  expect(asked).toHaveLength(2);
  asked[1]?.answer('new');
  expect(await waiting).toBe('new');
});

test('what is forgotten while it is being asked for is not kept', async () => {
  const { asked, ask } = desk();
  const answers = new BelievedAnswers(ask, 60_000, 10);
  const stale = answers.of('a');
  answers.forget('a');
  const fresh = answers.of('a');
  expect(asked).toHaveLength(2);
  asked[1]?.answer('after');
  asked[0]?.answer('before');
  expect([await stale, await fresh]).toEqual(['before', 'after']);
  expect(answers.known('a')).toBe('after');
  const all = answers.of('b');
  answers.forgetAll();
  asked[2]?.answer('b');
  await all;
  expect([answers.known('a'), answers.known('b')]).toEqual([undefined, undefined]);
});

test('an error reaches all who wait and is not kept', async () => {
  const { asked, ask } = desk();
  const answers = new BelievedAnswers(ask, 60_000, 10);
  const both = Promise.allSettled([answers.of('a'), answers.of('a')]);
  asked[0]?.fail();
  expect((await both).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  const again = answers.of('a');
  asked[1]?.answer('yes');
  expect(await again).toBe('yes');
});

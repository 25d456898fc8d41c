import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import { CircuitBreaker } from '../../src/gateway/circuit-breaker.ts';
import { FairQueue, QueueFull } from '../../src/gateway/fair-queue.ts';
import { refusalReason } from '../../src/gateway/provider-refusal.ts';
import { readRetryAfter, retryDelay } from '../../src/gateway/retry-rule.ts';
import { addressProblem } from '../../src/gateway/upstream-agents.ts';

test(
  verifies(
    'I5-retry',
    'a call is tried again only while nothing can have been done, as late as the provider wishes, and not for ever',
  ),
  () => {
    const answer = (status: number, retryAfterMs: number | null = null) =>
      ({ kind: 'answer', status, retryAfterMs }) as const;
    expect(retryDelay(answer(529), 1, 0.5)).toBeGreaterThan(100);
    expect(retryDelay(answer(429, 2_000), 1, 1)).toBeGreaterThanOrEqual(2_000);
    expect(retryDelay(answer(429, 60_000), 1, 1)).toBeNull();
    for (const status of [400, 401, 403, 404]) expect(retryDelay(answer(status), 1, 0.5)).toBeNull();
    expect(retryDelay({ kind: 'broken' }, 1, 0.5)).toBeNull();
    expect(retryDelay({ kind: 'unsent' }, 1, 0.5)).not.toBeNull();
    expect(retryDelay(answer(503), 3, 0.5)).toBeNull();
    const now = Date.parse('2026-01-01T00:00:00Z');
    expect(readRetryAfter('1.5', now)).toBe(1_500);
    expect(readRetryAfter('Thu, 01 Jan 2026 00:00:10 GMT', now)).toBe(10_000);
    for (const odd of [undefined, '', 'soon', '-1']) expect(readRetryAfter(odd, now)).toBeNull();
  },
);

test(
  verifies('I5-retry', 'the breaker opens after failures in a row, lets one call try, and closes with an answer'),
  () => {
    const breaker = new CircuitBreaker();
    for (let at = 0; at < 4; at += 1) breaker.failed(0);
    expect(breaker.admit(0)).toBe(0);
    breaker.failed(0);
    expect(breaker.admit(500)).toBe(500);
    expect(breaker.admit(1_000)).toBe(0);
    // One tries; the others wait for what becomes of it.
    expect(breaker.admit(1_000)).toBeGreaterThan(0);
    breaker.failed(1_000);
    expect(breaker.admit(2_900)).toBe(100);
    expect(breaker.admit(3_000)).toBe(0);
    breaker.answered();
    expect(breaker.admit(3_000)).toBe(0);
  },
);

test(
  verifies('I5-retry', 'places are shared in turns: one who asks for much does not keep the others waiting'),
  async () => {
    const queue = new FairQueue({ total: 2, perMember: 2, waitingPerMember: 10 });
    const { signal } = new AbortController();
    const order: string[] = [];
    const leaves: (() => void)[] = [];
    const enter = async (member: string): Promise<void> => {
      leaves.push(await queue.enter(member, signal));
      order.push(member);
    };
    const all = ['greedy', 'greedy', 'greedy', 'greedy', 'greedy', 'modest', 'other'].map(enter);
    for (let done = 0; done < all.length; done += 1) {
      await expect.poll(() => leaves.length).toBeGreaterThan(done);
      expect(queue.running).toBeLessThanOrEqual(2);
      leaves[done]?.();
    }
    await Promise.all(all);
    expect(order.slice(0, 5)).toEqual(['greedy', 'greedy', 'greedy', 'modest', 'other']);
    expect(queue.running).toBe(0);
  },
);

test(verifies('I5-retry', 'one who no longer waits leaves the line, and a line has an end'), async () => {
  const queue = new FairQueue({ total: 1, perMember: 1, waitingPerMember: 1 });
  const { signal } = new AbortController();
  const leave = await queue.enter('a', signal);
  const gone = new AbortController();
  const waiting = Promise.resolve(queue.enter('a', gone.signal));
  expect(() => queue.enter('a', signal)).toThrow(QueueFull);
  gone.abort(new Error('left'));
  await expect(waiting).rejects.toThrow('left');
  leave();
  leave();
  expect(queue.running).toBe(0);
  (await queue.enter('b', signal))();
});

test(verifies(['I5-status-follows', 'I5-bad-upstream'], 'a refusal is about the access only when it says so'), () => {
  expect(refusalReason(401, '')).toBe('credential_refused');
  expect(refusalReason(429, '{"error":{"code":"insufficient_quota"}}')).toBe('quota_ended');
  expect(refusalReason(429, '{"error":{"type":"rate_limit_error"}}')).toBeNull();
  expect(refusalReason(400, 'Your credit balance is too low')).toBe('quota_ended');
  expect(refusalReason(400, 'API key not valid. Please pass a valid API key.')).toBe('credential_refused');
  expect(refusalReason(400, 'messages: field required')).toBeNull();
  expect(refusalReason(403, 'content policy')).toBeNull();
  expect(refusalReason(500, '')).toBeNull();
});

test(verifies('I5-bad-ssrf', 'addresses that lead inside are refused in every spelling'), () => {
  const inside = [
    'https://127.0.0.1',
    'https://127.1',
    'https://0x7f.0.0.1',
    'https://2130706433',
    'https://[::ffff:127.0.0.1]',
    'https://[fd00::1]',
    'https://192.168.1.1:8443/v1',
    'https://a.internal',
    'https://localhost:1',
    'https://u:p@example.com',
    'ftp://example.com',
    'nonsense',
  ];
  for (const address of inside) expect(addressProblem(address, false), address).not.toBeNull();
  expect(addressProblem('https://api.example.com/v1', false)).toBeNull();
  expect(addressProblem('http://127.0.0.1:11434/v1', true)).toBeNull();
});

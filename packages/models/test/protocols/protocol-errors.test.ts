import { describe, expect, test } from 'vitest';
import { codecOf, ERROR_KINDS, PROTOCOL_IDS } from '../../src/index.ts';

describe.each(PROTOCOL_IDS)('errors of %s', (protocol) => {
  test.each(ERROR_KINDS)("%s has the protocol's shape, its message, and says whether to try again", (kind) => {
    const error = codecOf(protocol).encodeError(kind, 'In plain words.', 2.1);
    const body: unknown = JSON.parse(error.body);
    expect(error.status).toBeGreaterThanOrEqual(400);
    expect(error.headers['content-type']).toBe('application/json');
    expect(error.headers['retry-after']).toBe('3');
    expect(body).toMatchObject({ error: { message: 'In plain words.' } });
    const retryable = ['rate_limit', 'overload', 'timeout', 'upstream'].includes(kind);
    expect(error.headers['x-should-retry']).toBe(String(retryable));
    expect(error.status === 429 || error.status >= 500).toBe(retryable);
  });

  test('inside a stream the error is one complete event that the meter recognises', () => {
    const event = codecOf(protocol).encodeStreamError('budget', 'The budget is spent.');
    expect(event.endsWith('\n\n')).toBe(true);
    expect(event).toContain('The budget is spent.');
    const meter = codecOf(protocol).createMeter('text/event-stream');
    meter.push(new TextEncoder().encode(event));
    expect(meter.end().error).not.toBeNull();
  });
});

import { randomFillSync } from 'node:crypto';

/** One id needs ten random bytes; they are fetched for many at once, since each call costs the same however little it fetches. */
const pool = Buffer.allocUnsafe(4_000);
const RANDOM_BYTES = 10;
let next = pool.length;
let lastMs = -1;
let sequence = 0;

/**
 * A new UUID version 7 (RFC 9562): 48 bits of Unix time in milliseconds, a 12-bit sequence within the millisecond, 62 random bits. Ids
 * that one process makes for the same millisecond sort in the order in which they were made, so that what is added together is
 * listed in that order.
 * @param nowMs wall clock in milliseconds; passed in by tests that need a fixed order.
 */
export function newId(nowMs: number = Date.now()): string {
  const bytes = Buffer.allocUnsafe(16);
  if (next >= pool.length) {
    randomFillSync(pool);
    next = 0;
  }
  pool.copy(bytes, 6, next, next + RANDOM_BYTES);
  next += RANDOM_BYTES;
  bytes.writeUIntBE(nowMs, 0, 6);
  // A random start leaves at least half of the range for those that follow within the millisecond.
  sequence = nowMs === lastMs ? sequence + 1 : bytes.readUInt16BE(6) & 0x7ff;
  lastMs = nowMs;
  bytes.writeUInt16BE(0x7000 | (sequence & 0x0fff), 6);
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

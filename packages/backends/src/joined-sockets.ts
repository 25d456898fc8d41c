import type { Socket } from 'node:net';

/**
 * Makes two sockets one connection: what comes in on one goes out on the other, each direction can end by itself, and a broken one ends both.
 * Both must have been opened with `allowHalfOpen`, else the first end of stream would cut the answer off.
 */
export function joinSockets(a: Socket, b: Socket): void {
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const) {
    from.on('error', () => to.destroy());
    from.on('close', () => {
      if (!from.readableEnded) to.destroy();
    });
    from.pipe(to);
  }
}

import { Agent, createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { until } from '@molecule/testkit/installation';
import { verifies } from '@molecule/testkit/verifies';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ChunkWriter } from '../../src/gateway/chunk-writer.ts';

async function serve(
  answer: (to: ServerResponse) => Promise<void>,
  use: (port: number) => Promise<void>,
): Promise<void> {
  const server = createServer((_request, to) => void answer(to));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await use((server.address() as AddressInfo).port);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** A writer whose reader is never too slow. */
function fastReader(to: ServerResponse, isLast: () => boolean): ChunkWriter {
  const nothing = (): void => {};
  return new ChunkWriter(to, nothing, nothing, isLast);
}

function fetchText(port: number, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, agent }, (response: IncomingMessage) => {
      let text = '';
      response.setEncoding('latin1').on('data', (piece: string) => {
        text += piece;
      });
      response.on('end', () => resolve(text)).on('error', reject);
    }).on('error', reject);
  });
}

test(
  verifies(
    'I5-stream',
    'pieces of any size and order come as they were written, answer after answer on one connection',
  ),
  async () => {
    let pieces: readonly (readonly Buffer[])[] = [];
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    await serve(
      async (to) => {
        to.writeHead(200, { 'content-type': 'text/event-stream' });
        let isOver = false;
        const writer = fastReader(to, () => isOver);
        for (const turn of pieces) {
          for (const piece of turn) writer.write(piece);
          await delay(0);
        }
        writer.write(Buffer.from('end'));
        isOver = pieces.length % 2 === 0;
        await delay(0);
        writer.end();
      },
      async (port) => {
        const turns = fc.array(fc.array(fc.uint8Array({ maxLength: 70_000, size: 'max' }), { maxLength: 4 }), {
          maxLength: 6,
        });
        await fc.assert(
          fc.asyncProperty(turns, async (made) => {
            pieces = made.map((turn) => turn.map((bytes) => Buffer.from(bytes)));
            expect(await fetchText(port, agent)).toBe(`${Buffer.concat(pieces.flat()).toString('latin1')}end`);
          }),
          { numRuns: 40 },
        );
      },
    );
    agent.destroy();
  },
);

test(
  verifies(
    'I5-stream',
    'a reader that stops is noticed after a bounded amount, and when it goes on so does the writer',
  ),
  async () => {
    let full = 0;
    let drained = 0;
    let written = 0;
    await serve(
      async (to) => {
        to.writeHead(200);
        const piece = Buffer.alloc(64 * 1024, 'x');
        let isFull = false;
        const writer = new ChunkWriter(
          to,
          () => {
            full += 1;
            isFull = true;
          },
          () => {
            drained += 1;
            isFull = false;
          },
          () => false,
        );
        while (drained === 0 || written < 64 * 1024 * 1024) {
          if (!isFull) {
            writer.write(piece);
            written += piece.length;
          }
          await new Promise((resolve) => setImmediate(resolve));
          if (to.destroyed) return;
        }
        writer.end();
      },
      async (port) => {
        const socket = connect(port, '127.0.0.1');
        socket.write('GET / HTTP/1.1\r\nhost: here\r\n\r\n');
        socket.pause();
        await until(
          'the writer is told',
          () => full,
          (count) => count > 0,
        );
        const held = written;
        // What the kernel and the two sockets hold, and no more.
        expect(held).toBeLessThan(32 * 1024 * 1024);
        await delay(50);
        expect(written).toBe(held);
        socket.resume();
        await until(
          'the writer goes on',
          () => drained,
          (count) => count > 0,
        );
        socket.destroy();
      },
    );
  },
);

test(verifies('I5-stream', 'a client of HTTP/1.0, which knows no chunks, gets the bytes alone'), async () => {
  await serve(
    async (to) => {
      to.writeHead(200);
      const writer = fastReader(to, () => false);
      for (const piece of ['one ', 'two ', 'three']) {
        writer.write(Buffer.from(piece));
        await delay(5);
      }
      writer.end();
    },
    async (port) => {
      const socket = connect(port, '127.0.0.1');
      let text = '';
      socket.setEncoding('latin1').on('data', (piece: string) => {
        text += piece;
      });
      socket.write('GET / HTTP/1.0\r\n\r\n');
      await new Promise((resolve) => socket.on('close', resolve));
      expect(text.split('\r\n\r\n')[1]).toBe('one two three');
    },
  );
});

test(verifies('I5-stream', 'what is written last leaves together with the end of the answer'), async () => {
  await serve(
    async (to) => {
      to.writeHead(200);
      let isOver = false;
      const writer = fastReader(to, () => isOver);
      writer.write(Buffer.from('first '));
      await delay(20);
      writer.write(Buffer.from('last'));
      isOver = true;
      await delay(20);
      writer.end();
    },
    async (port) => {
      const socket = connect(port, '127.0.0.1');
      const reads: string[] = [];
      socket.setEncoding('latin1').on('data', (piece: string) => reads.push(piece));
      socket.write('GET / HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n');
      await new Promise((resolve) => socket.on('close', resolve));
      const body = reads.join('').split('\r\n\r\n').slice(1).join('\r\n\r\n');
      expect(body).toBe('6\r\nfirst \r\n4\r\nlast\r\n0\r\n\r\n');
      expect(reads.at(-1)).toBe('4\r\nlast\r\n0\r\n\r\n');
    },
  );
});

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cleanEnv } from './installation.mjs';

/** A control plane in a process of its own with `count` calm workspaces; `ask` puts a question to it. */
export async function startFleet(count) {
  const dataDir = mkdtempSync(join(tmpdir(), 'molecule-bench-'));
  const child = fork(fileURLToPath(new URL('fleet-server.mjs', import.meta.url)), [dataDir, String(count)], {
    env: cleanEnv(),
  });
  const [ready] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => Promise.reject(new Error('the server ended'))),
  ]);
  return {
    ...ready,
    dataDir,
    pid: child.pid,
    ask: async (question) => {
      child.send(question);
      return (await once(child, 'message'))[0];
    },
    stop: async () => {
      child.send({ type: 'stop' });
      await once(child, 'exit');
    },
  };
}

const agent = new Agent({ keepAlive: true, maxSockets: 64 });
const pathOf = '/api/v1/registry/heartbeat';

/** Body of a heartbeat; equal ones change nothing. */
export function beatOf(box, more = {}) {
  return JSON.stringify({
    bootId: box.bootId,
    generation: 1,
    configuration_status: 'ready',
    mcp_server_present: true,
    loaded_mcp_tools: ['mcp__a2a__list_peers'],
    ...more,
  });
}

/** One heartbeat over a kept connection. @returns the answer */
export function beat(url, box, more) {
  const body = beatOf(box, more);
  return new Promise((resolve, reject) => {
    const sent = request(
      new URL(pathOf, url),
      {
        agent,
        method: 'POST',
        headers: {
          authorization: `Bearer ${box.token}`,
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
        },
      },
      (response) => {
        let text = '';
        response
          .setEncoding('utf8')
          .on('data', (chunk) => (text += chunk))
          .on('end', () =>
            response.statusCode === 200
              ? resolve(JSON.parse(text))
              : reject(new Error(`${response.statusCode} ${text}`)),
          );
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Has every box beat once, some at a time. */
export async function beatAll(url, boxes, more = () => ({}), atOnce = 16) {
  const waiting = [...boxes.keys()];
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let index = waiting.pop(); index !== undefined; index = waiting.pop())
        await beat(url, boxes[index], more(index));
    }),
  );
}

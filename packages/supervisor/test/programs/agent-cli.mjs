// The test runtime's "agent CLI": one JSON line in for each turn, one JSON line out for each event.
import { spawn } from 'node:child_process';
import { appendFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const say = (event) => process.stdout.write(`${JSON.stringify(event)}\n`);
const end = (text, sessionId) => say({ type: 'end', ok: true, text, failure: null, message: null, sessionId });
appendFileSync('agent-starts.txt', `${process.pid}\n`);

const turns = {
  say: (rest) => {
    say({ type: 'text', text: rest });
    end(rest, 'session-1');
  },
  many: (count) => {
    for (let i = 0; i < Number(count); i += 1)
      say({ type: 'tool_call', callId: String(i), server: null, tool: 'count', input: i });
    end('done', null);
  },
  env: (name) => {
    say({ type: 'text', text: String(process.env[name]) });
    end(String(process.env[name]), null);
  },
  names: () => end(Object.keys(process.env).sort().join(' '), null),
  fail: () => say({ type: 'end', ok: false, text: '', failure: 'quota', message: 'no credit left', sessionId: null }),
  crash: () => process.exit(3),
  usage: () => {
    say({ type: 'usage', usage: { inputTokens: 5, outputTokens: 2 }, costUsd: null });
    say({ type: 'usage', usage: { inputTokens: 7, outputTokens: 3, cachedTokens: 4 }, costUsd: null });
    end('counted', null);
  },
  read: async (path) => {
    const { readFileSync } = await import('node:fs');
    try {
      end(readFileSync(path, 'utf8').slice(0, 200), null);
    } catch (error) {
      end(error.code, null);
    }
  },
  wait: async () => {
    const { existsSync } = await import('node:fs');
    while (!existsSync('go.txt')) await new Promise((resolve) => setTimeout(resolve, 10));
    end('went', null);
  },
  write: async (path) => {
    try {
      writeFileSync(path, 'x');
      end('written', null);
    } catch (error) {
      end(error.code, null);
    }
  },
  hang: () => {
    process.on('SIGTERM', () => undefined);
    const child = spawn(
      process.execPath,
      ['-e', "process.on('SIGTERM', () => undefined); setInterval(() => undefined, 1000); process.stdout.write('up')"],
      { stdio: ['ignore', 'pipe', 'ignore'], detached: true },
    );
    child.stdout.once('data', () => {
      writeFileSync('hanging.txt', `${process.pid} ${child.pid}`);
      say({ type: 'text', text: 'hanging' });
    });
  },
};
for await (const line of createInterface({ input: process.stdin })) {
  const { prompt } = JSON.parse(line);
  const [name, ...rest] = prompt.split(' ');
  await turns[name]?.(rest.join(' '));
}

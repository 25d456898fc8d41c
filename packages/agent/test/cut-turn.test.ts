import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { ModelMessage } from 'ai';
import { expect, onTestFinished, test } from 'vitest';
import { AGENT_BIN_PATH } from '../src/index.ts';
import { createSession, openSession } from '../src/sessions/session-file.ts';

const CALL = { type: 'tool-call', toolCallId: 'c1', toolName: 'look', input: {} } as const;
const RESULT = {
  type: 'tool-result',
  toolCallId: 'c1',
  toolName: 'look',
  output: { type: 'text', value: 'seen' },
} as const;
const FIRST: ModelMessage = { role: 'user', content: 'make the first' };

/** What the model is sent when the next prompt comes to a session that ends like this: role and text of each message. */
async function sentAfter(...stored: readonly ModelMessage[]): Promise<readonly (readonly [string, string])[]> {
  const home = mkdtempSync(join(tmpdir(), 'agent-cut-turn-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (piece: string) => {
      body += piece;
    });
    request.on('end', () => {
      bodies.push(body);
      response.writeHead(400).end('{"type":"error","error":{"type":"invalid_request_error","message":"enough seen"}}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo; // it listens on a port
  await createSession(home, 'cut', stored);
  const child = spawn(process.execPath, [AGENT_BIN_PATH, '--stream'], {
    cwd: home,
    env: {
      PATH: process.env['PATH'] ?? '',
      MOLECULE_AGENT_HOME: home,
      MOLECULE_AGENT_MODEL: 'some-model',
      MOLECULE_LLM_ANTHROPIC_URL: `http://127.0.0.1:${port}`,
      MOLECULE_API_KEY: 'k',
      MOLECULE_AGENT_RETRIES: '0',
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  child.stdin.write(`${JSON.stringify({ type: 'turn', prompt: 'make the second', sessionId: 'cut', history: [] })}\n`);
  for await (const line of createInterface({ input: child.stdout }))
    if ((JSON.parse(line) as { type: string }).type === 'end') break;
  const [body = '{}'] = bodies;
  const sent = JSON.parse(body) as { messages: { role: string; content: unknown }[] }; // the provider's own shape
  // The session itself was read and written whole.
  expect((await openSession(home, 'cut'))?.messages.at(-1)).toEqual({ role: 'user', content: 'make the second' });
  return sent.messages.map(({ role, content }) => [role, JSON.stringify(content)]);
}

test('the prompt after a turn that was cut off stands alone: what was left behind is closed before it', async () => {
  for (const stored of [
    [FIRST],
    [FIRST, { role: 'assistant', content: [CALL] }, { role: 'tool', content: [RESULT] }],
    [FIRST, { role: 'assistant', content: [CALL] }],
  ] as const satisfies readonly (readonly ModelMessage[])[]) {
    const sent = await sentAfter(...(stored as readonly ModelMessage[]));
    const [role, text] = sent.at(-1) ?? [];
    expect([role, text]).toEqual(['user', expect.stringContaining('make the second')]);
    expect(text).not.toMatch(/tool_result|make the first/);
    expect(sent.at(-2)).toEqual(['assistant', expect.stringContaining('cut off')]);
  }
});

test('a turn that was answered needs nothing', async () => {
  const sent = await sentAfter(FIRST, { role: 'assistant', content: 'made' });
  expect(sent.map(([role]) => role)).toEqual(['user', 'assistant', 'user']);
});

import { execFile, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, expect, test } from 'vitest';
import { AGENT_BIN_PATH, AGENT_VERSION, type AgentOutput } from '../src/index.ts';
import { parseAgentInput } from '../src/protocol.ts';

const children: ReturnType<typeof spawn>[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

function start(env: Record<string, string> = {}) {
  const home = mkdtempSync(join(tmpdir(), 'agent-binary-'));
  const child = spawn(process.execPath, [AGENT_BIN_PATH, '--stream'], {
    cwd: home,
    env: { PATH: process.env['PATH'] ?? '', MOLECULE_AGENT_HOME: home, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.push(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    child,
    send: (value: unknown) =>
      child.stdin.write(typeof value === 'string' ? `${value}\n` : `${JSON.stringify(value)}\n`),
    next: async () => JSON.parse((await lines.next()).value ?? '') as AgentOutput,
    exit: new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code))),
  };
}

function run(args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) =>
    execFile(process.execPath, [AGENT_BIN_PATH, ...args], (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    ),
  );
}

test('--version prints it and nothing else', async () => {
  expect(await run(['--version'])).toMatchObject({
    code: 0,
    stdout: `${AGENT_VERSION} (molecule-agent)\n`,
    stderr: '',
  });
});

test.each([[[]], [['--nonsense']]])('%j is a usage error', async (args) => {
  const { code, stderr } = await run(args);
  expect(code).toBe(2);
  expect(stderr).toContain('Usage:');
});

test('garbage on stdin is named and does not end the agent', async () => {
  const agent = start();
  for (const line of [
    'garbage',
    '[]',
    '{"type":"dance"}',
    '{"type":"turn"}',
    '{"type":"turn","prompt":"x","history":[1]}',
  ]) {
    agent.send(line);
    expect(await agent.next()).toMatchObject({ type: 'protocol_error' });
  }
  agent.send({ type: 'status' });
  expect(await agent.next()).toMatchObject({ type: 'status', version: AGENT_VERSION, servers: {} });
});

test('a turn without a model is not configured', async () => {
  const agent = start();
  agent.send({ type: 'turn', prompt: 'hi' });
  expect(await agent.next()).toMatchObject({ type: 'started' });
  expect(await agent.next()).toMatchObject({ type: 'error', code: 'not_configured' });
  expect(await agent.next()).toMatchObject({ type: 'end', ok: false, failure: 'not_configured' });
});

test('the end of stdin cancels a running turn and ends the agent', async () => {
  const silent = createServer(() => undefined).listen(0, '127.0.0.1');
  await new Promise((resolve) => silent.once('listening', resolve));
  const address = silent.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const agent = start({
    MOLECULE_AGENT_MODEL: 'm',
    MOLECULE_LLM_ANTHROPIC_URL: `http://127.0.0.1:${port}`,
    MOLECULE_API_KEY: 'k',
  });
  const asked = new Promise((resolve) => silent.once('request', resolve));
  agent.send({ type: 'turn', prompt: 'hi' });
  expect(await agent.next()).toMatchObject({ type: 'started' });
  await asked;
  agent.child.stdin.end();
  expect(await agent.next()).toMatchObject({ type: 'end', failure: 'cancelled' });
  expect(await agent.exit).toBe(0);
  silent.closeAllConnections();
  silent.close();
});

test('input lines are read leniently where it does no harm', () => {
  expect(parseAgentInput('{"type":"turn","prompt":"x","future":1}')).toEqual({
    type: 'turn',
    prompt: 'x',
    sessionId: null,
    history: [],
  });
  expect(parseAgentInput('{"type":"cancel","id":3}')).toEqual({ type: 'cancel' });
});

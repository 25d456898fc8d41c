import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** Starts an MCP server of stdio with exactly this environment, asks for its tools and ends it. */
export async function listTools(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  const child = spawn(command, [...args], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  const say = (message: object) => child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  try {
    const clientInfo = { name: 'kit', version: '1.0.0' };
    say({ id: 1, method: 'initialize', params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo } });
    say({ method: 'notifications/initialized' });
    say({ id: 2, method: 'tools/list', params: {} });
    for await (const line of createInterface({ input: child.stdout })) {
      const { id, result } = JSON.parse(line) as { id?: number; result?: { tools: { name: string }[] } }; // an answer of MCP
      if (id === 2) return (result?.tools ?? []).map(({ name }) => name);
    }
    throw new Error('the server ended without an answer');
  } finally {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }
}

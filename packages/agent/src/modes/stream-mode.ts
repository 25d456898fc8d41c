import { createInterface } from 'node:readline';
import { type AgentOutput, parseAgentInput } from '../protocol.ts';
import { type Agent, makeAgent } from '../turn/agent.ts';

/**
 * `molecule-agent --stream`: JSON lines in, JSON lines out, until stdin ends.
 *
 * States: idle, turn running. Turns run one after the other in the order they came; `cancel` ends the running one and drops
 * those that wait. End of stdin or SIGTERM cancels, closes the servers and exits: whoever drove the agent is gone, and nobody
 * would see what it does. A crash leaves the session file with every finished step.
 */
export async function streamMode(
  home: string,
  folder: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const emit = (output: AgentOutput) => {
    process.stdout.write(`${JSON.stringify(output)}\n`);
  };
  const agent = makeAgent({ home, folder, env, emit });
  const lines = createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY });
  let queue = Promise.resolve();
  let current = new AbortController();
  const end = async () => {
    current.abort();
    lines.close();
  };
  process.once('SIGTERM', () => void end());
  process.once('SIGINT', () => void end());
  process.stdout.on('error', () => void end());

  for await (const line of lines) {
    if (line.trim() === '') continue;
    const input = parseAgentInput(line);
    if (typeof input === 'string') emit({ type: 'protocol_error', message: input });
    else if (input.type === 'cancel') {
      current.abort();
      current = new AbortController();
    } else {
      const { signal } = current;
      queue = queue.then(() => handle(agent, input, signal, emit));
    }
  }
  current.abort();
  await queue;
  await agent.close();
}

async function handle(
  agent: Agent,
  input: Exclude<ReturnType<typeof parseAgentInput>, string>,
  signal: AbortSignal,
  emit: (output: AgentOutput) => void,
): Promise<void> {
  try {
    if (input.type === 'turn') await agent.runTurn(input, signal);
    else if (input.type === 'warm') await agent.warm();
    else if (input.type === 'status') await agent.reportStatus();
    else if (input.type === 'reload') agent.reload();
  } catch (error) {
    emit({ type: 'protocol_error', message: error instanceof Error ? error.message : String(error) });
  }
}

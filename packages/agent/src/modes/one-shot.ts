import { makeAgent } from '../turn/agent.ts';

/** `molecule-agent -p PROMPT`: one turn, its events printed as JSON lines. Gives the exit code: 0 when the turn went well. */
export async function oneShot(
  home: string,
  folder: string,
  env: Readonly<Record<string, string | undefined>>,
  prompt: string,
  sessionId: string | null,
): Promise<number> {
  let ok = false;
  const agent = makeAgent({
    home,
    folder,
    env,
    emit: (output) => {
      if (output.type === 'end') ok = output.ok;
      process.stdout.write(`${JSON.stringify(output)}\n`);
    },
  });
  const controller = new AbortController();
  process.once('SIGTERM', () => controller.abort());
  process.once('SIGINT', () => controller.abort());
  await agent.runTurn({ prompt, sessionId, history: [] }, controller.signal);
  await agent.close();
  return ok ? 0 : 1;
}

import { A2A_SERVER_NAME } from '@molecule/contracts';
import { startTestInstallation, type TestInstallation } from '@molecule/testkit/installation';
import { verifies } from '@molecule/testkit/verifies';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pathWithRuntimes } from './runtimes-path.ts';

/** Every runtime that can be installed, with its real binary: one workspace each, in one installation. */
const RUNTIMES = [
  { runtime: 'claude-code', title: verifies('I3-run-claude-code', 'Claude Code') },
  { runtime: 'codex', title: verifies('I3-run-codex', 'Codex') },
  { runtime: 'gemini-cli', title: verifies('I3-run-gemini-cli', 'Gemini CLI') },
  { runtime: 'opencode', title: verifies('I3-run-opencode', 'OpenCode') },
  { runtime: 'qwen-code', title: verifies('I3-run-qwen-code', 'Qwen Code') },
  { runtime: 'copilot-cli', title: verifies('I3-run-copilot-cli', 'Copilot CLI') },
  { runtime: 'molecule-agent', title: verifies('I3-run-molecule-agent', 'The built-in agent') },
] as const;

let house: TestInstallation;
beforeAll(async () => {
  house = await startTestInstallation({
    env: { PATH: pathWithRuntimes() },
    args: ['--runtime', 'molecule-agent', '--model', 'demo/scripted'],
  });
});
afterAll(() => house?.dispose());

interface Readiness {
  readonly servers: readonly {
    readonly server: string;
    readonly rungs: readonly { readonly rung: string; readonly state: string }[];
  }[];
}
interface ChatLine {
  readonly type: string;
  readonly server?: string | null;
  readonly tool?: string;
  readonly ok?: boolean;
  readonly status?: string;
  readonly taskId?: string;
  readonly text?: string;
}

test.each(RUNTIMES.map(({ title, runtime }) => [title, runtime]))(
  '%s boots, is proved live, and the tool call of its turn reaches the server',
  async (_title, runtime) => {
    const created = await house.cli('--json', 'ws', 'create', runtime, '--runtime', runtime);
    expect(created.code, created.stdout + created.stderr).toBe(0);
    expect(JSON.parse(created.stdout)).toMatchObject({ name: runtime, runtime, status: 'online' });
    const { body } = await house.http<Readiness>('GET', `/api/v1/workspaces/${runtime}/readiness`);
    const rungs = body.servers.find(({ server }) => server === A2A_SERVER_NAME)?.rungs ?? [];
    for (const rung of ['declared', 'delivered', 'rendered', 'live'])
      expect(rungs, rung).toContainEqual(expect.objectContaining({ rung, state: 'passed' }));

    const concierge = (await house.http<{ name: string }>('GET', `/api/v1/workspaces/${house.ready.concierge?.id}`))
      .body;
    const chat = await house.cli(
      '--json',
      'chat',
      runtime,
      `send a message to ${concierge.name}: hello from ${runtime}`,
    );
    expect(chat.code, chat.stdout + chat.stderr).toBe(0);
    const lines = chat.stdout
      .trim()
      .split('\n')
      .map((line): ChatLine => JSON.parse(line));
    expect(lines).toContainEqual(
      expect.objectContaining({ type: 'tool_call', server: A2A_SERVER_NAME, tool: 'send_message' }),
    );
    const answer = lines.at(-1);
    expect(answer).toMatchObject({ type: 'answer', status: 'completed', text: expect.stringContaining('I sent') });

    // The server noted the effect with the task of this turn, and the message is there.
    const database = house.openDatabase();
    try {
      const effects = await database.kysely
        .selectFrom('tool_effects')
        .select('tool')
        .where('task_id', '=', answer?.taskId ?? '')
        .execute();
      expect(effects.map(({ tool }) => tool)).toEqual([expect.stringContaining('send_message')]);
    } finally {
      await database.close();
    }
    const sent = await house.http<{ items: { text: string }[] }>(
      'GET',
      `/api/v1/workspaces/${house.ready.concierge?.id}/messages`,
    );
    expect(sent.body.items.map(({ text }) => text)).toContainEqual(expect.stringContaining(`hello from ${runtime}`));
  },
);

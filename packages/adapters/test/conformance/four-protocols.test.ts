import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import { adapterFor } from '../../src/index.ts';
import { installedRuntime } from './installed-runtime.ts';
import { collect, endOf, TestBox, turn } from './test-box.ts';
import { testHost } from './test-host.ts';

/** One runtime for each wire protocol; the kit's own suites run the rest of each. */
const SPEAKERS = [
  ['anthropic', 'claude-code', 'claude', 'MOLECULE_CLAUDE_CODE_PATH'],
  ['openai-responses', 'codex', 'codex', 'MOLECULE_CODEX_PATH'],
  ['openai-chat', 'copilot-cli', 'copilot', 'MOLECULE_COPILOT_CLI_PATH'],
  ['google', 'gemini-cli', 'gemini', 'MOLECULE_GEMINI_CLI_PATH'],
] as const;

test.each(SPEAKERS)(
  verifies('I3-turn-live', 'over %s the real binary of %s runs a turn with a call of a real tool'),
  { timeout: 180_000 },
  async (protocol, runtime, binary, variable) => {
    const box = await new TestBox(adapterFor(runtime), testHost({ [variable]: installedRuntime(binary) })).open();
    try {
      box.render({ servers: [box.probeServer()], identity: 'You are X.' });
      box.script = (request) =>
        request.results.length === 0 && request.tools.length > 0
          ? { calls: [{ tool: 'provision_workspace', args: { name: protocol } }] }
          : { text: ['All ', 'done.'] };
      const session = box.adapter.openSession(box.context());
      const events = await collect(session.runTurn(turn('make a workspace')));
      await session.close(500);
      expect(endOf(events)).toMatchObject({ ok: true, text: 'All done.' });
      expect(box.probeEvents()).toContainEqual(
        expect.objectContaining({ event: 'call', tool: 'provision_workspace', args: { name: protocol } }),
      );
      const spoken = box.records.filter(({ operation }) => operation === 'generate').map((record) => record.protocol);
      expect(new Set(spoken)).toEqual(new Set([protocol]));
    } finally {
      await box.close();
    }
  },
);

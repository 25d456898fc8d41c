import {
  ERROR_CATALOGUE,
  MANAGEMENT_SERVER_NAME,
  type PluginName,
  RUNGS,
  type ToolId,
  toolId,
} from '@molecule/contracts';
import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import { assess, type ReadinessInput, type StoredProof } from '../../src/index.ts';
import { concierge, T0, WITNESSED } from './concierge-input.ts';

const failed = (rung: StoredProof['rung'], reason: string): StoredProof => ({
  ...WITNESSED,
  rung,
  ok: false,
  witnessed: false,
  reason,
  evidence: {},
  at: T0,
});

/** A place in a file system: no text about a failed check has any, since places go out of date before texts do. */
const PLACE = /(^|[\s"'`(])(\/[\w.-]+){2,}|[\w-]+\.(json|toml|ya?ml|sh)\b/;

test.each(RUNGS.filter((rung) => rung !== 'used'))(
  verifies(
    ['B87', 'I10'],
    'a refusal for the rung "%s" names that rung, its server and its reason, and no other and no file',
  ),
  (rung) => {
    // A reason that nobody foresaw, so that no text can have been written for it.
    const { signals } = assess(concierge({ proofs: [WITNESSED, failed(rung, `reason_of_${rung}`)] }));
    const { reason, message } = signals.capability;
    expect(reason).toBe(`reason_of_${rung}`);
    expect(message).toContain(`"${rung}"`);
    expect(message).toContain(MANAGEMENT_SERVER_NAME);
    expect(message).toContain(`reason_of_${rung}`);
    for (const other of RUNGS.filter((each) => each !== rung)) expect(message).not.toContain(`"${other}"`);
    expect(message).not.toMatch(PLACE);
  },
);

test(verifies(['B87', 'I10'], 'each cause of a refusal has its own words, and none names a file'), () => {
  const causes: Partial<ReadinessInput>[] = [
    { report: { mcp_server_present: false } },
    { report: { mcp_tools_ready: false } },
    { proofs: [] },
    { proofs: [{ ...WITNESSED, witnessed: false }] },
    { proofs: [{ ...WITNESSED, evidence: { tools: [] } }] },
    { proofs: [failed('live', 'command_not_found')] },
    { model: { kind: 'none', reason: 'model_missing', message: 'No model is chosen.', nextStep: 'Choose one.' } },
  ];
  const texts = causes.map((cause) => {
    const { signals } = assess(concierge(cause));
    const bad = [signals.capability, signals.responsiveness].filter(({ status }) => status !== 'ok');
    return bad.map(({ message }) => message).join(' ');
  });
  expect(new Set(texts).size).toBe(causes.length);
  for (const text of texts) expect(text).not.toMatch(PLACE);
});

test(verifies(['B87', 'I10'], 'the refusals in the error catalogue name no file'), () => {
  for (const code of ['platform_agent_mcp_server_missing', 'platform_agent_model_missing', 'not_configured'] as const) {
    const [, message, hint] = ERROR_CATALOGUE[code];
    expect(`${message} ${hint}`).not.toMatch(PLACE);
  }
});

test(verifies('I23', 'a plugin or a server among the loaded tools is not the tool that is required'), () => {
  const loaded = (...tools: string[]) =>
    assess(concierge({ proofs: [{ ...WITNESSED, evidence: {} }], report: { loaded_mcp_tools: tools } }));
  for (const name of [
    'molecule-platform-mcp',
    MANAGEMENT_SERVER_NAME,
    'provision_workspace',
    'mcp__other__provision_workspace',
  ])
    expect(loaded(name), name).toMatchObject({
      able: false,
      signals: { capability: { reason: 'required_tool_missing' } },
    });
  const id: ToolId = toolId(MANAGEMENT_SERVER_NAME, 'provision_workspace');
  expect(loaded(id).able).toBe(true);
  // @ts-expect-error the two kinds of names do not mix
  const mixed: PluginName = id;
  expect(mixed).toBe(id);
});

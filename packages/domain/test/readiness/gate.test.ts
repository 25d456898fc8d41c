import { MANAGEMENT_SERVER_NAME, PLATFORM_MCP_MISSING } from '@molecule/contracts';
import { verifies } from '@molecule/testkit/verifies';
import { describe, expect, test } from 'vitest';
import { assess, PERMANENT_PROOF_FAILURES, type StoredProof } from '../../src/index.ts';
import { at, concierge, ordinary, T0, WITNESSED } from './concierge-input.ts';

const failed = (rung: StoredProof['rung'], reason: string): StoredProof => ({
  server: MANAGEMENT_SERVER_NAME,
  rung,
  ok: false,
  witnessed: false,
  reason,
  evidence: {},
  at: T0,
});

describe('the fail-closed gate', () => {
  test(verifies(['B80', 'B81', 'T21'], 'an explicit false refuses a concierge, even beside a witnessed proof'), () => {
    const verdict = assess(concierge({ report: { mcp_server_present: false } }));
    expect(verdict).toMatchObject({
      able: false,
      event: 'gate_refused',
      reason: PLATFORM_MCP_MISSING,
      repairDue: true,
    });
    expect(verdict.signals.capability.status).toBe('failed');
  });

  test(verifies(['B84', 'T41', 'I16'], 'an absent field is not refused: the witnessed proof decides'), () => {
    expect(assess(concierge({ report: {} }))).toMatchObject({ able: true, event: 'able', gate: null });
  });

  test(verifies(['B82', 'T22'], 'what an ordinary workspace says about the management server has no effect'), () => {
    expect(assess(ordinary({ report: { mcp_server_present: false, mcp_tools_ready: false } }))).toMatchObject({
      able: true,
      gate: null,
      event: 'able',
    });
  });

  test(verifies(['T23', 'B39', 'I36'], 'a box that claims everything without a witness gains nothing'), () => {
    const forged = { ...WITNESSED, witnessed: false };
    const report = {
      mcp_server_present: true,
      mcp_tools_ready: true,
      loaded_mcp_tools: ['mcp__molecule-platform__provision_workspace'],
      configuration_status: 'ready' as const,
    };
    expect(assess(concierge({ proofs: [forged], report }))).toMatchObject({
      able: false,
      event: null,
      repairDue: true,
    });
    expect(assess(concierge({ proofs: [], report, servers: [] })).able).toBe(false);
  });

  test(verifies('B82', 'a concierge whose desired state lacks the management server fails closed'), () => {
    expect(assess(concierge({ servers: [], proofs: [] })).able).toBe(false);
  });

  test(verifies('B83', 'a concierge without a model is refused by name'), () => {
    const model = {
      kind: 'none' as const,
      reason: 'model_missing',
      message: 'No model was chosen.',
      nextStep: 'Choose one.',
    };
    const verdict = assess(concierge({ model }));
    expect(verdict).toMatchObject({ event: 'gate_refused', reason: 'platform_agent_model_missing' });
    expect(verdict.signals.responsiveness).toMatchObject({
      status: 'failed',
      reason: 'model_missing',
      nextStep: 'Choose one.',
    });
    // An ordinary workspace degrades instead (B8): it may be there, but runs no turn.
    expect(assess(ordinary({ model }))).toMatchObject({ event: 'degraded', reason: 'model_missing', gate: null });
  });

  test(verifies('B96', 'a launch that can never succeed is refused at once and by its own reason'), () => {
    for (const reason of PERMANENT_PROOF_FAILURES) {
      const verdict = assess(concierge({ proofs: [failed('live', reason)] }));
      expect(verdict).toMatchObject({ event: 'gate_refused', able: false });
      expect(verdict.signals.capability.reason).toBe(reason);
    }
    expect(assess(concierge({ proofs: [failed('live', 'timeout')] }))).toMatchObject({ event: null, gate: null });
  });

  test(verifies(['B91', 'B92'], 'a live server without its required tool is not capable'), () => {
    const verdict = assess(concierge({ proofs: [{ ...WITNESSED, evidence: { tools: ['list_workspaces'] } }] }));
    expect(verdict).toMatchObject({ able: false, event: 'gate_refused' });
    expect(verdict.signals.capability).toMatchObject({ reason: 'required_tool_missing' });
    const toolless = assess(concierge({ proofs: [{ ...WITNESSED, evidence: {} }], report: { loaded_mcp_tools: [] } }));
    expect(toolless.able).toBe(false);
    expect(assess(concierge({ proofs: [{ ...WITNESSED, evidence: {} }], report: {} })).able).toBe(true);
    // A box names tools by their ids, and a long list may be cut off: what was cut off is unknown, not missing.
    expect(
      assess(
        concierge({ proofs: [{ ...WITNESSED, evidence: { tools: ['mcp__molecule-platform__provision_workspace'] } }] }),
      ).able,
    ).toBe(true);
    expect(assess(concierge({ proofs: [{ ...WITNESSED, evidence: { tools: ['other'], toolCount: 300 } }] })).able).toBe(
      true,
    );
  });

  test(
    verifies(['B91', 'I21'], 'a server that the real CLI does not list is not there, however well it starts'),
    () => {
      expect(assess(concierge({ proofs: [WITNESSED, failed('parsed', 'not_listed')] }))).toMatchObject({
        able: false,
        signals: { capability: { status: 'failed', reason: 'not_listed' } },
      });
    },
  );

  test(verifies(['B85', 'T42', 'I28'], 'repair is rate-limited and does not depend on the verdict'), () => {
    const broken = { report: { mcp_server_present: false } };
    expect(assess(concierge(broken)).repairDue).toBe(true);
    expect(assess(concierge({ ...broken, now: at(20_000), lastRepairAt: at(1_000) })).repairDue).toBe(false);
    expect(assess(concierge({ ...broken, now: at(31_000), lastRepairAt: at(1_000) })).repairDue).toBe(true);
    expect(assess(concierge({ status: 'failed', now: at(600_000), proofs: [] })).repairDue).toBe(true);
    expect(assess(concierge({ status: 'failed' }))).toMatchObject({ event: 'able', repairDue: false });
  });

  test(verifies('B86', 'paused, hibernated and removed workspaces get no verdict'), () => {
    for (const status of ['paused', 'hibernated', 'removed'] as const) {
      expect(assess(concierge({ status }))).toMatchObject({ event: null, able: false, repairDue: false });
    }
  });
});

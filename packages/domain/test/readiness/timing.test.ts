import { PLATFORM_MCP_MISSING, SelfReport, WorkspaceStatus } from '@molecule/contracts';
import { verifies } from '@molecule/testkit/verifies';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assess, CAPABILITY_GRACE_MS, type ReadinessInput, WARM_UP_MS } from '../../src/index.ts';
import { at, concierge, ordinary, T0, WITNESSED } from './concierge-input.ts';

describe('warm-up and grace', () => {
  test(
    verifies(
      ['B94', 'B95', 'I38'],
      'a box that is never proved waits for the warm-up, then degrades, and still recovers',
    ),
    () => {
      const waiting = { proofs: [], report: { mcp_server_present: true } };
      expect(assess(concierge({ ...waiting, now: at(WARM_UP_MS - 1) }))).toMatchObject({ event: null, able: false });
      expect(assess(concierge({ ...waiting, now: at(WARM_UP_MS) }))).toMatchObject({
        event: 'degraded',
        reason: PLATFORM_MCP_MISSING,
      });
      expect(assess(concierge({ status: 'degraded', now: at(WARM_UP_MS * 3) }))).toMatchObject({ event: 'able' });
    },
  );

  test(verifies('B95', 'loss after online degrades only after 180 s without interruption'), () => {
    const lost = { status: 'online', onlineAt: at(1), proofs: [], missingSince: at(400_000) } as const;
    expect(assess(concierge({ ...lost, now: at(400_000 + CAPABILITY_GRACE_MS - 1) }))).toMatchObject({
      event: null,
      missingSince: at(400_000),
    });
    expect(assess(concierge({ ...lost, now: at(400_000 + CAPABILITY_GRACE_MS) }))).toMatchObject({ event: 'degraded' });
    // Seen again in between: the clock starts anew.
    expect(assess(concierge({ ...lost, proofs: [WITNESSED], now: at(500_000) })).missingSince).toBeNull();
    expect(assess(concierge({ ...lost, missingSince: null, now: at(600_000) }))).toMatchObject({
      event: null,
      missingSince: at(600_000),
    });
  });

  test(
    verifies('B95', 'affirmed not-ready degrades at once; affirmed readiness outweighs an under-reporting list'),
    () => {
      const online = { status: 'online', onlineAt: at(1) } as const;
      expect(assess(concierge({ ...online, report: { mcp_tools_ready: false } }))).toMatchObject({ event: 'degraded' });
      expect(assess(concierge({ ...online, report: { mcp_tools_ready: true, loaded_mcp_tools: [] } }))).toMatchObject({
        event: 'able',
      });
    },
  );

  test(verifies('I38', 'a box that enrols and never registers fails in bounded time'), () => {
    expect(assess(concierge({ registeredAt: null, now: at(WARM_UP_MS - 1) })).event).toBeNull();
    expect(assess(concierge({ registeredAt: null, now: at(WARM_UP_MS) }))).toMatchObject({
      event: 'boot_failed',
      reason: 'boot_timeout',
    });
  });
});

describe('ordinary workspaces', () => {
  const server = (required: boolean) => ({ name: 'notes', required, requiredTools: [], witnessed: false });
  const broken = {
    server: 'notes',
    rung: 'live',
    ok: false,
    witnessed: false,
    reason: 'timeout',
    evidence: {},
    at: T0,
  } as const;

  test(
    verifies(['B82', 'B95'], 'a required server fails closed, an optional one is reported and the agent works on'),
    () => {
      expect(assess(ordinary({ servers: [server(false)], proofs: [broken] }))).toMatchObject({
        able: true,
        event: 'able',
        signals: { capability: { status: 'warning', reason: 'optional_server_missing' } },
      });
      expect(assess(ordinary({ servers: [server(true)], proofs: [broken] }))).toMatchObject({
        able: false,
        event: null,
      });
      expect(assess(ordinary({ servers: [server(true)], proofs: [broken], now: at(WARM_UP_MS) }))).toMatchObject({
        event: 'degraded',
        reason: 'required_server_missing',
      });
      expect(
        assess(ordinary({ servers: [server(true)], proofs: [{ ...broken, reason: 'command_not_found' }] })),
      ).toMatchObject({ event: 'gate_refused', reason: 'required_server_failed' });
      // What it says of its own servers suffices: only the management server needs a witness.
      expect(assess(ordinary({ servers: [server(true)], proofs: [{ ...broken, ok: true, reason: null }] })).able).toBe(
        true,
      );
    },
  );

  test(
    verifies('B8', 'not_configured degrades with its reason; failing turns degrade too, and good ones bring it back'),
    () => {
      expect(
        assess(
          ordinary({
            report: { configuration_status: 'not_configured', configuration_reason: 'moonshot is no provider' },
          }),
        ),
      ).toMatchObject({
        event: 'degraded',
        reason: 'not_configured',
        message: 'moonshot is no provider',
      });
      expect(assess(ordinary({ recentTurns: { ended: 4, failed: 2, lastFailure: 'auth' } }))).toMatchObject({
        event: 'degraded',
        reason: 'turns_failing_auth',
      });
      expect(
        assess(ordinary({ status: 'degraded', recentTurns: { ended: 5, failed: 2, lastFailure: 'auth' } })),
      ).toMatchObject({ event: 'able' });
    },
  );

  test('a persona that differs degrades; one that is not reported does not', () => {
    expect(assess(ordinary({ identityDigest: 'sha256:a', report: { identity_digest: 'sha256:b' } }))).toMatchObject({
      event: 'degraded',
      reason: 'identity_differs',
    });
    expect(assess(ordinary({ identityDigest: 'sha256:a', report: { identity_digest: 'sha256:a' } })).event).toBe(
      'able',
    );
    expect(assess(ordinary({ identityDigest: 'sha256:a', report: {} }))).toMatchObject({
      event: 'able',
      signals: { identity: { status: 'unknown' } },
    });
  });
});

describe('for every input', () => {
  const anyInput: fc.Arbitrary<ReadinessInput> = fc
    .record({
      platform: fc.boolean(),
      witnessed: fc.boolean(),
      proved: fc.boolean(),
      registered: fc.boolean(),
      elapsed: fc.integer({ min: 0, max: 2_000_000 }),
      status: fc.constantFrom(...WorkspaceStatus.options),
      onlineAt: fc.option(fc.integer({ min: 0, max: 2_000_000 })),
      missing: fc.option(fc.integer({ min: 0, max: 2_000_000 })),
      report: fc.record(
        {
          mcp_server_present: fc.boolean(),
          mcp_tools_ready: fc.boolean(),
          loaded_mcp_tools: fc.array(fc.string(), { maxLength: 2 }),
          configuration_status: fc.constantFrom('ready' as const, 'not_configured' as const),
        },
        { requiredKeys: [] },
      ),
    })
    .map((given) =>
      (given.platform ? concierge : ordinary)({
        status: given.status,
        now: at(given.elapsed),
        registeredAt: given.registered ? T0 : null,
        onlineAt: given.onlineAt === null ? null : at(given.onlineAt),
        missingSince: given.missing === null ? null : at(given.missing),
        proofs: given.proved ? [{ ...WITNESSED, witnessed: given.witnessed }] : [],
        report: SelfReport.parse(given.report),
      }),
    );
  const WITH_BOX = WorkspaceStatus.options.filter((status) => !['paused', 'hibernated', 'removed'].includes(status));

  test(verifies(['I25', 'B85'], 'recovery uses the predicate of demotion: able never depends on the status'), () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        const verdicts = WITH_BOX.map((status) => assess({ ...input, status }));
        expect(new Set(verdicts.map((verdict) => verdict.able)).size).toBe(1);
        for (const verdict of verdicts) expect(verdict.event === 'able').toBe(verdict.able);
      }),
    );
  });

  test(verifies(['T23', 'B94'], 'no concierge is ever able without a witnessed proof'), () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        if (input.kind === 'platform' && !input.proofs.some((proof) => proof.witnessed))
          expect(assess(input).able).toBe(false);
      }),
    );
  });

  test('whatever is not ok says why, and whatever has failed says what to do', () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        for (const signal of Object.values(assess(input).signals)) {
          expect(signal.status === 'ok').toBe(signal.reason === null);
          expect(signal.message.length).toBeGreaterThan(0);
          if (signal.status === 'failed') expect(signal.nextStep).not.toBeNull();
        }
      }),
    );
  });
});

import { WorkspaceKind, WorkspaceStatus } from '@molecule/contracts';
import { verifies } from '@molecule/testkit/verifies';
import { describe, expect, test } from 'vitest';
import { LIFECYCLE_EVENTS, transition, wantsBox } from '../src/index.ts';

const STATUSES = WorkspaceStatus.options;
const EVERY = STATUSES.flatMap((from) =>
  LIFECYCLE_EVENTS.flatMap((event) => WorkspaceKind.options.map((kind) => ({ from, event, kind }))),
);

describe('lifecycle', () => {
  test(
    verifies(
      ['B86', 'I2-reg-lifecycle'],
      'every status × event has a legal target or a typed refusal, as written down',
    ),
    () => {
      const table = Object.fromEntries(
        STATUSES.map((from) => [
          from,
          LIFECYCLE_EVENTS.map((event) => {
            const move = transition(from, event, 'workspace');
            return `${event}→${move.ok ? move.to : move.code}`;
          }),
        ]),
      );
      expect(table).toMatchSnapshot();
    },
  );

  test(verifies(['B86', 'I38'], 'nothing resurrects removed; only resume or remove leaves paused'), () => {
    for (const { from, event, kind } of EVERY) {
      const move = transition(from, event, kind);
      if (from === 'removed') expect(move).toEqual({ ok: false, code: 'workspace_removed' });
      if (from === 'paused' && move.ok && move.to !== 'paused') expect(['resume', 'remove']).toContain(event);
    }
  });

  test(verifies(['B94', 'I40'], 'only a proof leads to online: enrolment, registration and restarts never do'), () => {
    for (const { from, event, kind } of EVERY) {
      const move = transition(from, event, kind);
      if (move.ok && move.to === 'online') expect(event).toBe('able');
    }
    expect(transition('provisioning', 'able', 'workspace').ok).toBe(false);
  });

  test(verifies(['B6', 'I37'], 'the concierge is never removed, whatever status it has'), () => {
    for (const from of STATUSES.filter((status) => status !== 'removed')) {
      expect(transition(from, 'remove', 'platform')).toEqual({ ok: false, code: 'concierge_protected' });
      expect(transition(from, 'remove', 'workspace')).toEqual({ ok: true, to: 'removed' });
    }
  });

  test(verifies(['B85', 'I28'], 'failed is no dead end: a proof leads back to online without a restart'), () => {
    expect(transition('failed', 'able', 'platform')).toEqual({ ok: true, to: 'online' });
    expect(transition('offline', 'able', 'workspace')).toEqual({ ok: true, to: 'online' });
  });

  test(verifies('B86', 'a box is wanted unless it is paused, hibernated or removed'), () => {
    expect(STATUSES.filter((status) => !wantsBox(status))).toEqual(['paused', 'hibernated', 'removed']);
  });
});

import { newId } from '@molecule/contracts';
import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import { applyTransition, requestBoot } from '../../src/index.ts';
import { type SomeOrg, someOrg } from '../some-org.ts';

const NOW = new Date('2026-06-20T12:00:00Z');
const cause = { reason: 'because', actor: 'test', now: NOW };
const eventsOf = (org: SomeOrg) => org.db.selectFrom('events').select(['type', 'data']).orderBy('id').execute();

test(verifies(['B86', 'I38', 'I40'], 'a change is one write and one event; a repeat is neither'), async () => {
  const org = await someOrg();
  const id = await org.workspace({ status: 'booting' });
  const apply = () => org.database.withTransaction((trx) => applyTransition(trx, id, 'able', cause));
  expect(await apply()).toEqual({ ok: true, changed: true, status: 'online' });
  expect(await apply()).toEqual({ ok: true, changed: false, status: 'online' });
  expect(await eventsOf(org)).toMatchObject([
    { type: 'workspace.status', data: { from: 'booting', to: 'online', event: 'able', reason: 'because' } },
  ]);
  const row = await org.db
    .selectFrom('workspaces')
    .select(['online_at', 'status_since'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  expect(row).toEqual({ online_at: NOW, status_since: NOW });
});

test(
  verifies('B86', 'of simultaneous contradicting events each is applied to what the one before it left'),
  async () => {
    const org = await someOrg();
    const id = await org.workspace({ status: 'online' });
    const outcomes = await Promise.all(
      (['pause', 'able', 'degraded', 'heartbeat_lost', 'remove', 'able'] as const).map((event) =>
        org.database.withTransaction((trx) => applyTransition(trx, id, event, { ...cause, reason: event })),
      ),
    );
    const row = await org.db.selectFrom('workspaces').select('status').where('id', '=', id).executeTakeFirstOrThrow();
    expect(row.status).toBe('removed');
    const steps = (await eventsOf(org)).map(({ data }) => [data['from'], data['to']]);
    for (const [index, [from]] of steps.slice(1).entries()) expect(from).toBe(steps[index]?.[1]);
    expect(outcomes.filter((outcome) => outcome.ok && outcome.changed)).toHaveLength(steps.length);
  },
);

test(verifies('B86', 'refusals are values that name the code and the status'), async () => {
  const org = await someOrg();
  const paused = await org.workspace({ status: 'paused' });
  expect(await applyTransition(org.db, paused, 'able', cause)).toEqual({
    ok: false,
    code: 'transition_illegal',
    status: 'paused',
  });
  expect(await applyTransition(org.db, newId(), 'able', cause)).toEqual({
    ok: false,
    code: 'workspace_not_found',
    status: null,
  });
  expect(await eventsOf(org)).toEqual([]);
});

test(verifies('B43', 'a wanted boot voids the present one and is always announced'), async () => {
  const org = await someOrg();
  const id = await org.workspace({ status: 'provisioning', boot_id: newId() });
  const before = { ...cause, reason: null };
  await requestBoot(org.db, id, 'restart', before);
  const row = await org.db
    .selectFrom('workspaces')
    .select(['boot_id', 'status'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  expect(row).toEqual({ boot_id: null, status: 'provisioning' });
  expect(await eventsOf(org)).toMatchObject([{ type: 'workspace.updated', data: { bootWanted: true } }]);
});

import { newId, type Proof } from '@molecule/contracts';
import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import { consumeNonce, listProofs, mintNonce, reportProofs, storeWitnessedLive } from '../../src/index.ts';
import { someOrg } from '../some-org.ts';

const NOW = new Date('2026-06-20T12:00:00Z');
const live = (ok: boolean, reason: string | null = null) =>
  ({ server: 'molecule-platform', rung: 'live', ok, reason, evidence: {}, durationMs: 1 }) as Proof; // branded name

test(verifies(['B39', 'T23'], 'a box can lower what was witnessed, and cannot raise it again'), async () => {
  const { db, workspace } = await someOrg();
  const box = { workspaceId: await workspace(), bootId: newId(), server: 'molecule-platform' };
  const seen = async () =>
    (await listProofs(db, box.workspaceId, box.bootId)).map((proof) => `${proof.ok} ${proof.witnessed}`);
  const report = (proof: Proof) => reportProofs(db, box.workspaceId, box.bootId, [proof], NOW);
  await storeWitnessedLive(db, { ...box, tools: ['provision_workspace'], evidence: {}, durationMs: 5, now: NOW });
  expect(await report(live(true))).toEqual([]);
  expect(await seen()).toEqual(['true true']);
  expect(await report(live(false, 'timeout'))).toHaveLength(1);
  expect(await report(live(false, 'timeout'))).toEqual([]); // nothing new
  expect(await seen()).toEqual(['false false']);
  await report(live(true));
  expect(await seen()).toEqual(['true false']);
});

test('of several words for one rung the last counts', async () => {
  const { db, workspace } = await someOrg();
  const [id, boot] = [await workspace(), newId()];
  expect(await reportProofs(db, id, boot, [live(true), live(false, 'timeout')], NOW)).toMatchObject([{ ok: false }]);
  expect(await reportProofs(db, id, boot, [], NOW)).toEqual([]);
});

test(verifies('T23', 'a nonce is used once, by its own boot, for its own server, in its time'), async () => {
  const { db, workspace } = await someOrg();
  const box = { workspaceId: await workspace(), bootId: newId(), server: 'molecule-platform' };
  const nonce = await mintNonce(db, box, NOW);
  expect(await consumeNonce(db, nonce, { ...box, bootId: newId() }, NOW)).toBe(false);
  expect(await consumeNonce(db, nonce, { ...box, server: 'a2a' }, NOW)).toBe(false);
  expect(await consumeNonce(db, nonce, box, new Date(NOW.getTime() + 3_600_000))).toBe(false);
  const tries = await Promise.all(Array.from({ length: 8 }, () => consumeNonce(db, nonce, box, NOW)));
  expect(tries.filter(Boolean)).toHaveLength(1);
  const stored = await db.selectFrom('proof_nonces').selectAll().execute();
  expect(JSON.stringify(stored)).not.toContain(nonce);
});

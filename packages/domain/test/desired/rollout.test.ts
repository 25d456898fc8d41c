import { verifies } from '@molecule/testkit/verifies';
import { describe, expect, test } from 'vitest';
import { chooseCanary, judgeWave, WAVE_LIMIT_MS } from '../../src/index.ts';

const NOW = new Date('2026-03-01T12:00:00Z');
const ago = (ms: number): Date => new Date(NOW.getTime() - ms);
const wave = { waveAt: ago(1_000), wellSince: null, soakMs: 60_000, now: NOW };

describe('rollout', () => {
  test(
    verifies(
      ['I4-rollout', 'B100'],
      'the canary is a share, at least one, the same at every look, another for another rollout',
    ),
    () => {
      const ids = Array.from({ length: 200 }, (_, at) => `workspace-${at}`);
      const first = chooseCanary(ids, 10, 'a');
      expect([first.canary.length, first.rest.length]).toEqual([20, 180]);
      expect(chooseCanary([...ids].reverse(), 10, 'a')).toEqual(first);
      expect(chooseCanary(ids, 10, 'b').canary).not.toEqual(first.canary);
      expect(chooseCanary(['only', 'two'], 1, 'a').canary).toHaveLength(1);
      expect(chooseCanary([], 50, 'a')).toEqual({ canary: [], rest: [] });
      expect(chooseCanary(ids, 100, 'a').rest).toEqual([]);
    },
  );

  test(
    verifies(['I4-rollout', 'B100', 'B101'], 'one failure takes everything back; nothing proved waits; late is failed'),
    () => {
      expect(judgeWave({ ...wave, members: ['proved', 'failed'] })).toMatchObject({ verdict: 'roll_back' });
      expect(judgeWave({ ...wave, members: ['proved', 'pending'] })).toEqual({ verdict: 'wait', wellSince: null });
      expect(judgeWave({ ...wave, members: ['no_box', 'no_box'] })).toEqual({ verdict: 'wait', wellSince: null });
      expect(judgeWave({ ...wave, waveAt: ago(WAVE_LIMIT_MS), members: ['proved', 'pending'] })).toMatchObject({
        verdict: 'roll_back',
      });
    },
  );

  test(
    verifies(['I4-rollout', 'B100'], 'it goes on only after it was well for the whole soak time without a break'),
    () => {
      expect(judgeWave({ ...wave, members: ['proved', 'no_box'] })).toEqual({ verdict: 'wait', wellSince: NOW });
      expect(judgeWave({ ...wave, wellSince: ago(59_999), members: ['proved'] })).toMatchObject({ verdict: 'wait' });
      expect(judgeWave({ ...wave, wellSince: ago(60_000), members: ['proved'] })).toMatchObject({ verdict: 'proceed' });
      expect(judgeWave({ ...wave, wellSince: ago(60_000), members: ['proved', 'pending'] })).toEqual({
        verdict: 'wait',
        wellSince: null,
      });
    },
  );
});

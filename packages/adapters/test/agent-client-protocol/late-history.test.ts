import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import { LOADS, PROFILE, resumedTurn, SESSION } from './resumed-turn.ts';

test(
  verifies(
    'I3-turn-resume',
    'history that comes after the answer to the load is waited for and is no part of the turn',
  ),
  () => {
    const turn = resumedTurn({ ...PROFILE, historyMayComeLate: true });
    expect(turn.answer(LOADS)).toBe('session/load');
    expect(turn.answer({})).toBe('_molecule/settle');
    expect(turn.say('said long ago')).toBe('');
    expect(turn.refuse()).toBe('_molecule/settle');
    expect(turn.say('and this too')).toBe('');
    expect(turn.refuse()).toBe('_molecule/settle');
    // Nothing came before this answer.
    expect(turn.refuse()).toBe('session/prompt');
    turn.say('It was PEAR.');
    turn.answer({ stopReason: 'end_turn' });
    expect(turn.events).toEqual([
      expect.objectContaining({ type: 'started', sessionId: SESSION }),
      { type: 'text', text: 'It was PEAR.' },
      expect.objectContaining({ type: 'end', ok: true, text: 'It was PEAR.' }),
    ]);
  },
);

test('elsewhere the prompt follows the load at once', () => {
  const turn = resumedTurn(PROFILE);
  expect(turn.answer(LOADS)).toBe('session/load');
  turn.say('said long ago');
  expect(turn.answer({})).toBe('session/prompt');
});

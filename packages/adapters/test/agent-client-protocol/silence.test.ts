import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import { SILENT_REFUSAL } from '../../src/agent-client-protocol/prose-failure.ts';
import { LOADS, PROFILE, resumedTurn } from './resumed-turn.ts';

function ended(profile: Parameters<typeof resumedTurn>[0], speak: (turn: ReturnType<typeof resumedTurn>) => void) {
  const turn = resumedTurn(profile);
  turn.answer(LOADS);
  turn.answer({});
  speak(turn);
  turn.answer({ stopReason: 'end_turn' });
  return turn.events.at(-1);
}
const SILENT = { ...PROFILE, silence: SILENT_REFUSAL };

test(
  verifies('I3-turn-failures', 'where silence stands for a blocked answer, a turn without a word is refused'),
  () => {
    expect(ended(SILENT, () => undefined)).toMatchObject({ type: 'end', ok: false, failure: 'refused' });
    expect(ended(PROFILE, () => undefined)).toMatchObject({ type: 'end', ok: true });
  },
);

test('a word, or a call after which nothing is added, is an answer', () => {
  expect(ended(SILENT, (turn) => turn.say('yes'))).toMatchObject({ type: 'end', ok: true, text: 'yes' });
  expect(ended(SILENT, (turn) => turn.call('note it'))).toMatchObject({ type: 'end', ok: true, text: '' });
});

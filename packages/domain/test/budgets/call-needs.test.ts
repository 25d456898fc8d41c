import { verifies } from '@molecule/testkit/verifies';
import { expect, test } from 'vitest';
import {
  budgetText,
  callNeeds,
  fromBudgetUnits,
  LEAST_HOLD_TOKENS,
  learnFromCall,
  toBudgetUnits,
} from '../../src/index.ts';

const call = { inputTokens: 1_000, maxOutputTokens: null, experience: null, price: null };

test(
  verifies(
    ['I5-budget-hard', 'I5-budget-first'],
    'a first call holds a generous amount, and money is not known without a price',
  ),
  () => {
    const needs = callNeeds(call);
    expect(needs.tokens).toEqual({ hold: 1_000 + LEAST_HOLD_TOKENS, need: 1_001 });
    expect(needs.usd).toEqual({ hold: null, need: null });
    expect(callNeeds({ ...call, inputTokens: 1, maxOutputTokens: 16 }).tokens.hold).toBe(LEAST_HOLD_TOKENS);
    expect(callNeeds({ ...call, maxOutputTokens: 1_000_000 }).tokens.hold).toBeLessThan(50_000);
  },
);

test(verifies('I5-budget-hard', 'experience corrects the count and keeps large calls in mind, for a while'), () => {
  const learned = learnFromCall(null, { forecastInput: 10, input: 100, output: 9_900 });
  expect(learned).toEqual({ inputRatio: 10, largestTokens: 10_000 });
  expect(callNeeds({ ...call, experience: learned }).tokens).toEqual({ hold: 14_096, need: 10_001 });
  expect(learnFromCall(learned, { forecastInput: 10, input: 10, output: 1 }).largestTokens).toBe(9_000);
  expect(learnFromCall(null, { forecastInput: 1, input: 1e9, output: 0 }).inputRatio).toBe(64);
  expect(learnFromCall(null, { forecastInput: 0, input: 5, output: 0 }).inputRatio).toBe(1);
});

test(verifies('I5-budget-units', 'money is held by the price, and a free model needs none'), () => {
  expect(callNeeds({ ...call, price: { input: 3, output: 15 } }).usd).toEqual({
    hold: 3_000 + LEAST_HOLD_TOKENS * 15,
    need: 3_000,
  });
  expect(callNeeds({ ...call, price: { input: 0, output: 0 } }).usd).toEqual({ hold: 0, need: 0 });
});

test(verifies('I5-budget-units', 'amounts are whole smallest units, and never more than was said'), () => {
  expect([
    toBudgetUnits('usd', 0.1),
    toBudgetUnits('minutes', 1.5),
    toBudgetUnits('tokens', 10.9),
    toBudgetUnits('turns', 3),
  ]).toEqual([100_000, 90_000, 10, 3]);
  expect(fromBudgetUnits('usd', toBudgetUnits('usd', 12.34))).toBe(12.34);
  expect([budgetText('usd', 1_500_000), budgetText('minutes', 90_000)]).toEqual(['1.50 US dollars', '1.5 minutes']);
});

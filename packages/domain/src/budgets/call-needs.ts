/** What is known of a call before it is made, in tokens. */
export interface CallForecast {
  /** The prompt by our own count. */
  readonly inputTokens: number;
  /** Most that the answer may have by the request itself; null = it does not say. */
  readonly maxOutputTokens: number | null;
  /** What the last calls of this workspace and model showed; null = none yet. */
  readonly experience: CallExperience | null;
  /** Millionths of a dollar per token; null = the model has no price. */
  readonly price: { readonly input: number; readonly output: number } | null;
}

export interface CallExperience {
  /** Reported prompt over our count: providers count differently. */
  readonly inputRatio: number;
  /** Largest total of recent calls. */
  readonly largestTokens: number;
}

export interface UnitNeed {
  readonly hold: number | null;
  readonly need: number | null;
}

/** Nothing is known of the first call: this much is held for it, so that many small ones at once cannot pass a limit together. */
export const LEAST_HOLD_TOKENS = 4_096;
/** More is not held for an answer, however much the request allows it. */
export const MOST_OUTPUT_HOLD_TOKENS = 32_768;
const RATIO_LIMITS = [0.25, 64] as const;

/**
 * What a call asks of token and money budgets. The hold is generous, for it is given back at the settlement and a call that finds too little
 * left only waits for those in progress; the need is what the prompt alone will cost, below which a call is pointless.
 */
export function callNeeds(call: CallForecast): { readonly tokens: UnitNeed; readonly usd: UnitNeed } {
  const input = Math.max(1, Math.ceil(call.inputTokens * (call.experience?.inputRatio ?? 1)));
  const output = Math.min(call.maxOutputTokens ?? LEAST_HOLD_TOKENS, MOST_OUTPUT_HOLD_TOKENS);
  const hold = Math.max(input + output, LEAST_HOLD_TOKENS, call.experience?.largestTokens ?? 0);
  const { price } = call;
  if (price === null) return { tokens: { hold, need: input + 1 }, usd: { hold: null, need: null } };
  const heldOutput = hold - input;
  const usd = {
    hold: Math.ceil(input * price.input + heldOutput * price.output),
    need: Math.ceil(input * price.input),
  };
  // A free model needs nothing of a money budget, even a spent one.
  return { tokens: { hold, need: input + 1 }, usd };
}

/** Experience after one more call. Old peaks fade, so that one giant call does not hold everything back for ever. */
export function learnFromCall(
  before: CallExperience | null,
  call: { readonly forecastInput: number; readonly input: number; readonly output: number },
): CallExperience {
  const ratio = call.forecastInput === 0 ? 1 : call.input / call.forecastInput;
  const total = call.input + call.output;
  return {
    inputRatio: Math.min(RATIO_LIMITS[1], Math.max(RATIO_LIMITS[0], ratio)),
    largestTokens: Math.max(total, Math.floor((before?.largestTokens ?? 0) * 0.9)),
  };
}

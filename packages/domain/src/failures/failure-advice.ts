import type { FailureCode } from '@molecule/contracts';

export interface FailureAdvice {
  /** What went wrong, for people. */
  readonly what: string;
  /** What to do next. */
  readonly next: string;
  /** `now`: the same request may work at once; `later`: after waiting; `after_fix`: somebody has to change something; `no`: never as it is. */
  readonly retry: 'now' | 'later' | 'after_fix' | 'no';
}

const ADVICE: Readonly<Record<FailureCode, FailureAdvice>> = {
  auth: {
    what: 'The model provider refused the credential.',
    next: 'Set a valid key with `molecule secret set`, or sign in to the runtime again, then retry the task.',
    retry: 'after_fix',
  },
  quota: {
    what: 'The quota or the budget is used up.',
    next: 'Raise the budget or the plan of the provider, or choose another model, then retry the task.',
    retry: 'after_fix',
  },
  rate_limit: {
    what: 'The model provider asked to slow down.',
    next: 'Wait a minute and retry the task.',
    retry: 'later',
  },
  context: {
    what: 'The conversation no longer fits into the model.',
    next: 'Start a new conversation, or choose a model with a larger window.',
    retry: 'after_fix',
  },
  tool: {
    what: 'A tool that the task needs failed.',
    next: '`molecule ws why` shows the state of each server; mend it and retry the task.',
    retry: 'after_fix',
  },
  model: {
    what: 'The model failed or is not known to its provider.',
    next: 'Retry the task; if it fails again choose another model with `molecule model set`.',
    retry: 'now',
  },
  permission: {
    what: 'The agent was not allowed to do what the task needs.',
    next: 'Grant the permission or change the request, then retry the task.',
    retry: 'after_fix',
  },
  crash: {
    what: 'The agent program ended unexpectedly.',
    next: 'Retry the task; `molecule ws logs` shows its last words.',
    retry: 'now',
  },
  timeout: {
    what: 'The turn took longer than it may.',
    next: 'Split the task, or raise its deadline, then retry.',
    retry: 'now',
  },
  refused: { what: 'The model declined the request.', next: 'Ask in another way.', retry: 'no' },
  cancelled: { what: 'The task was cancelled.', next: 'Send it again if it is still wanted.', retry: 'now' },
  not_configured: {
    what: 'The workspace has no model that it can use.',
    next: '`molecule ws why` names what is missing: provider, model or credential.',
    retry: 'after_fix',
  },
  lost: {
    what: 'The box was lost in the middle of the turn, more than once.',
    next: 'Check the box host with `molecule doctor`, then retry the task.',
    retry: 'now',
  },
  protocol: {
    what: 'The runtime answered in a way that its adapter does not understand.',
    next: 'Check the version of the runtime with `molecule runtimes`; retry the task.',
    retry: 'after_fix',
  },
};

/** Advice for a failed task; every code of the taxonomy has one (design 10). */
export function failureAdvice(code: FailureCode): FailureAdvice {
  return ADVICE[code];
}

/** One sentence that says what to do next; null for a task that did not fail. */
export function adviceText(code: FailureCode | null): string | null {
  return code === null ? null : `${ADVICE[code].what} ${ADVICE[code].next}`;
}

/** A program that ends at every attempt is at fault itself: then the failure is told. */
const MOST_INTERRUPTED_ATTEMPTS = 3;

/**
 * True when a failed attempt says nothing about the task, because its agent program or the way to the control plane was lost, so that the task is attempted again
 * by itself. What its tool calls did is noted with the task and not done twice.
 */
export function isAttemptedAgain(failure: FailureCode | null, attempt: number, maxAttempts: number): boolean {
  return (failure === 'crash' || failure === 'lost') && attempt < Math.min(maxAttempts, MOST_INTERRUPTED_ATTEMPTS);
}

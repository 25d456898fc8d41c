import type { Planned } from '../models/call-plan.ts';

/** Who serves a turn's model, for its usage and its budgets. */
export interface TurnPayer {
  /** Null = the runtime's own login, which is paid elsewhere. */
  readonly provider: string | null;
  readonly model: string;
  /** The gateway pays for its calls: budgets in money count. */
  readonly isPaid: boolean;
}

export function turnPayer(planned: Planned): TurnPayer {
  switch (planned.kind) {
    case 'plan':
      return { provider: planned.plan.provider, model: planned.plan.modelId, isPaid: !planned.plan.isDemo };
    case 'direct':
      return { provider: null, model: planned.model ?? 'default', isPaid: false };
    case 'none':
      return { provider: 'none', model: 'none', isPaid: false };
  }
}

import type { SessionContext, SpawnPlan } from '../contract/index.ts';
import type { TurnDialect } from '../turn-process/turn-dialect.ts';
import type { AcpProfile } from './profile.ts';
import { proseFailure } from './prose-failure.ts';
import { acpTurn, type UsageBefore } from './turn-reader.ts';
import { ZERO_USAGE } from './usage-sum.ts';

/** A runtime that speaks the Agent Client Protocol on stdin and stdout. One dialect per session. */
export function acpDialect(
  profile: AcpProfile,
  plan: (context: SessionContext) => SpawnPlan,
  prepare?: TurnDialect['prepare'],
): TurnDialect {
  const before: UsageBefore = { total: ZERO_USAGE };
  return {
    ...(prepare === undefined ? {} : { prepare }),
    plan: (context) => {
      before.total = ZERO_USAGE;
      return plan(context);
    },
    boundToSession: true,
    turn: (input, state) => acpTurn(profile, before, input, state),
    reloadText: null,
    warmText: null,
    classifyExit: (stderr) => {
      const code = proseFailure(stderr);
      // Without a word that is known it is a crash, not a fault of the model.
      return code === 'model' ? null : { code, message: stderr.trim().slice(-500) };
    },
  };
}

import { type BoxContext, loadApplied } from './box-context.ts';
import type { Application } from './desired-application.ts';
import { setUpRuntime } from './runtime-setup.ts';

/**
 * Has the walls of this kind measured, if that was not done before, and records what came out: facts in place of intentions.
 * @returns what was measured, null when there was nothing to measure
 */
export async function measureLate(
  context: BoxContext,
  application: Application | null,
): Promise<Application['isolation']> {
  const { services, journal, layout } = context;
  if (application === null || application.isolation === null || application.isolation.measured) return null;
  const state = loadApplied(layout);
  const adapter = services.adapters.get(state.desired.runtime);
  if (adapter === undefined) return null;
  const { walls } = setUpRuntime(context, state, adapter, await services.detect(adapter));
  const isolation = await services.backend.measure(walls);
  const { reason = null, hint = null } = isolation;
  journal.add({
    step: 'isolation.measured',
    ok: reason === null,
    durationMs: null,
    code: reason === null ? null : 'not_enforced',
    message: reason ?? 'everything held',
    nextStep: hint,
    detail: { ...isolation },
  });
  return isolation;
}

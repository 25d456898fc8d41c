export { budgetText, fromBudgetUnits, toBudgetUnits } from './budgets/budget-amount.ts';
export {
  type CallExperience,
  type CallForecast,
  callNeeds,
  LEAST_HOLD_TOKENS,
  learnFromCall,
  type UnitNeed,
} from './budgets/call-needs.ts';
export {
  type DesiredPlugin,
  desiredPlugins,
  type PluginSet,
  type SetArtifact,
  type SetMember,
} from './desired/desired-plugins.ts';
export { protectedPlugins } from './desired/protected-plugins.ts';
export {
  chooseCanary,
  judgeWave,
  type RolloutMember,
  WAVE_LIMIT_MS,
  type WaveFacts,
  type WaveVerdict,
} from './desired/rollout.ts';
export {
  judgeSurface,
  type SurfaceChange,
  type SurfaceVerdict,
  surfaceChange,
  type ToolSurface,
} from './desired/tool-surface.ts';
export { type AllowlistEntry, allowlistKey, isAllowed, pluginKeys } from './entitlement/allowlist.ts';
export { type CatalogueEntry, isPrivileged, mayHave, type PluginIdentity } from './entitlement/entitlement.ts';
export { formatPluginSource, type PluginSource, parsePluginSource } from './entitlement/plugin-source.ts';
export { foldName, type SourceHosts, type SourceIdentity, sourceIdentity } from './entitlement/source-identity.ts';
export { adviceText, type FailureAdvice, failureAdvice, isAttemptedAgain } from './failures/failure-advice.ts';
export { kindOf, mayClaimKind } from './kind/kind.ts';
export { LIFECYCLE_EVENTS, type LifecycleEvent } from './lifecycle/lifecycle-event.ts';
export { type Transition, transition, wantsBox } from './lifecycle/transition.ts';
export { type Assessment, assess, type GateRefusal } from './readiness/assess.ts';
export type { AssessedSignal, NeededServer, ReadinessInput, StoredProof } from './readiness/readiness-input.ts';
export { PERMANENT_PROOF_FAILURES, type ServerState, serverState, toolsOf } from './readiness/server-state.ts';
export {
  CAPABILITY_GRACE_MS,
  ENROLMENT_TIMEOUT_MS,
  FAILING_TURNS_MIN,
  FAILING_TURNS_RATE,
  HEARTBEAT_INTERVAL_MS,
  HEARTBEAT_LOST_AFTER_INTERVALS,
  REPAIR_INTERVAL_MS,
  WARM_UP_MS,
} from './readiness/timers.ts';

export type {
  AgentSession,
  BoxLayout,
  BoxProcess,
  Detection,
  EnvironmentInput,
  Inspection,
  NativeFile,
  RenderInput,
  RenderLedger,
  RenderNote,
  RenderOutcome,
  RuntimeAdapter,
  RuntimeCapabilities,
  SessionContext,
  SpawnPlan,
  TurnInput,
} from './contract/index.ts';
export { boxLayout } from './contract/index.ts';
export { localizeServer } from './native-config/server-localization.ts';
export { adapterFor, knownRuntimes } from './registry/adapter-registry.ts';
export { DEFAULT_RUNTIME, detectRuntimes } from './registry/detect-runtimes.ts';
export { type RuntimeObservation, readObservation } from './registry/runtime-observations.ts';

export type { Detection, EnvironmentInput, Inspection, RuntimeAdapter } from './adapter.ts';
export { type BoxLayout, boxLayout } from './box-layout.ts';
export type { RuntimeCapabilities } from './capabilities.ts';
export type { NativeFile, RenderInput, RenderLedger, RenderNote, RenderOutcome } from './rendering.ts';
export type { AgentSession, BoxProcess, SessionContext, SpawnPlan, TurnInput } from './session.ts';

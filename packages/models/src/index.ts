export { type SettledUsage, settleUsage, type UsageSource } from './metering/settle-usage.ts';
export type { UsageMeter, UsageReading } from './metering/usage-meter.ts';
export { codecOf } from './protocols/codec-of.ts';
export { ERROR_KINDS, type ErrorKind, type ProtocolError } from './protocols/error-kind.ts';
export {
  type ConversationMessage,
  type MessagePart,
  type ModelRequest,
  type OfferedTool,
  PROTOCOL_IDS,
  type ProtocolId,
  type ToolResult,
} from './protocols/model-request.ts';
export { type ModelOperation, type ModelRoute, modelRouteOf } from './protocols/model-route.ts';
export { withStreamUsage } from './protocols/openai-chat/request-usage.ts';
export type { EncodeContext, NewId, ProtocolCodec, StreamEncoder } from './protocols/protocol-codec.ts';
export type { Reply, ReplyPart, StopReason, TokenUsage, ToolCall } from './protocols/reply.ts';
export type { ReplySink } from './protocols/reply-sink.ts';
export { type BeforePart, sendReply } from './protocols/send-reply.ts';
export { estimateRequestTokens, estimateTokens } from './protocols/token-estimate.ts';
export { BUILTIN_REGISTRY } from './registry/builtin-registry.ts';
export { callCostMicroUsd } from './registry/call-cost.ts';
export {
  decidePin,
  isPlatformManaged,
  type PinDecision,
  type PinInput,
  type PinReason,
  PLATFORM_PROVIDER_ID,
  type StoredSetting,
} from './registry/decide-pin.ts';
export { type EnvironmentCredential, findEnvironmentCredentials } from './registry/environment-credentials.ts';
export { findModelIn, findProvider } from './registry/find-model.ts';
export { mergeRegistry, type RegistryMerge } from './registry/merge-registry.ts';
export { modelInvalidError } from './registry/model-invalid-error.ts';
export { type ModelRef, parseModelRef } from './registry/model-ref.ts';
export { nearestIds } from './registry/nearest-ids.ts';
export { findPlatformModel, type PlatformModel, platformModelIds } from './registry/platform-namespace.ts';
export { type ModelReconciliation, modelEnvironment, reconcileModel } from './registry/reconcile-model.ts';
export {
  type AuthStyle,
  type ModelEntry,
  type ModelPrice,
  type Provider,
  type Registry,
  registryOverlaySchema,
  registrySchema,
} from './registry/registry-schema.ts';
export {
  type NotConfigured,
  type NotConfiguredReason,
  type ProviderResolution,
  type ResolvedProvider,
  type ResolveInput,
  resolveProvider,
} from './registry/resolve-provider.ts';
export { authHeader, upstreamUrl } from './registry/upstream-request.ts';
export type { RequestRecord } from './scripted/request-record.ts';
export type { Script, ScriptCall, ScriptConditions, ScriptStep } from './scripted/script.ts';
export {
  createScriptedModel,
  handleScriptedRequest,
  type ScriptedHttpRequest,
  type ScriptedModel,
  type ScriptedModelOptions,
} from './scripted/scripted-model.ts';

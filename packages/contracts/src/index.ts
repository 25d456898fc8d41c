export { ERROR_CATALOGUE, type ErrorCode } from './errors/catalogue.ts';
export { type ErrorParams, isMoleculeError, MoleculeError } from './errors/molecule-error.ts';
export { Problem, toProblem } from './errors/problem.ts';
export { ENV, HEADER } from './names/environment.ts';
export {
  BootId,
  ConversationId,
  HostId,
  MessageId,
  OrgId,
  PluginName,
  RuntimeId,
  ServerName,
  TaskId,
  TokenId,
  ToolId,
  UserId,
  WorkspaceId,
  WorkspaceName,
} from './names/ids.ts';
export {
  A2A_SERVER_NAME,
  MANAGEMENT_LAUNCHER,
  MANAGEMENT_PLUGIN_DERIVED_NAME,
  MANAGEMENT_PLUGIN_NAME,
  MANAGEMENT_REQUIRED_TOOL,
  MANAGEMENT_SERVER_NAME,
  MCP_MODES,
  type McpMode,
  PLATFORM_MCP_MISSING,
  toolId,
} from './names/management.ts';
export { newId } from './names/new-id.ts';
export { AuditEntry, AuditVerdict, VerifyAudit } from './wire/audit.ts';
export {
  BOX_REPLIES,
  BoxReply,
  type BoxReplyOf,
  BoxRequest,
  FileContent,
  FileEntry,
  FilePath,
  LARGEST_CALL_BYTES,
  LARGEST_FILE_BYTES,
  MakeFolder,
  RenameFile,
  TerminalEnded,
  TerminalInfo,
  TerminalInput,
  TerminalOutput,
  TerminalSize,
  WriteFile,
  WrittenFile,
} from './wire/box-call.ts';
export { Budget, BudgetMode, BudgetPeriod, BudgetScope, BudgetUnit, SetBudget } from './wire/budget.ts';
export { HttpDescriptor, ServerDescriptor, StdioDescriptor } from './wire/descriptor.ts';
export { DesiredArtifact, DesiredServer, DesiredState, ModelAccess } from './wire/desired-state.ts';
export {
  ImportedWorkspace,
  OrgDocument,
  OrgImported,
  WorkspaceDocument,
} from './wire/document.ts';
export { EVENT_TYPES, EventType, MoleculeEvent } from './wire/event.ts';
export { FoundRuntime, HostConnect, HostOrder, RuntimeFacts } from './wire/hosts.ts';
export { InboxItem, InboxKind } from './wire/inbox.ts';
export { Isolation, type MeasuredIsolation, WALLS } from './wire/isolation.ts';
export { Member } from './wire/member.ts';
export { CheckModel, ModelCheck, ModelChoice, ModelInfo, SetModel } from './wire/model.ts';
export { type Page, PageQuery, pageOf } from './wire/page.ts';
export { PluginManifest } from './wire/plugin.ts';
export {
  AllowlistLine,
  CataloguePlugin,
  InstallPlugin,
  PlanRollout,
  PluginAllowlist,
  PluginChange,
  PluginDifference,
  PluginFailure,
  PluginInstalled,
  PluginLock,
  PluginLockReport,
  PluginPreview,
  PluginProof,
  PluginUninstalled,
  PreviewPlugin,
  Rollout,
  RolloutSubject,
  SetPluginAllowlist,
  ToolChange,
  WorkspacePlugin,
} from './wire/plugin-channel.ts';
export { Proof, Readiness, RUNGS, Rung } from './wire/proof.ts';
export {
  BootEvent,
  BootEventsRequest,
  EnrolReply,
  EnrolRequest,
  HeartbeatReply,
  HeartbeatRequest,
  PlatformMcpDiag,
  RegisterRequest,
  SelfReport,
} from './wire/registry.ts';
export { BoxSecrets, SecretInfo, SecretName, SecretValue, SetSecret, StoredSecret } from './wire/secret.ts';
export { Template } from './wire/template.ts';
export { CreatedToken, CreateToken, SCOPES, Scope, Token, TokenKind } from './wire/token.ts';
export { FAILURE_CODES, FailureCode, TokenUsage, TurnEvent } from './wire/turn-event.ts';
export { UsageItem, UsagePage, UsageQuery } from './wire/usage.ts';
export {
  Conversation,
  Lease,
  LeaseRequest,
  Message,
  PostMessage,
  PostMessageReply,
  Task,
  TaskEventsReply,
  TaskEventsRequest,
  TaskResultReply,
  TaskResultRequest,
  TaskStatus,
} from './wire/work.ts';
export {
  ChangeWorkspace,
  ConfigurationStatus,
  CreateWorkspace,
  RemoveWorkspace,
  Signal,
  SignalStatus,
  Signals,
  Workspace,
  WorkspaceKind,
  WorkspaceStatus,
} from './wire/workspace.ts';

export {
  type AuditEntry,
  type AuditRow,
  type AuditVerdict,
  appendAudit,
  listAudit,
  verifyAudit,
} from './audit/audit-log.ts';
export {
  type BootEventRow,
  insertBootEvents,
  listBootEvents,
  publicBootEvent,
} from './boot-events/boot-event-repository.ts';
export {
  type AssignedBoot,
  assignBoots,
  noteEnrolment,
  releaseFromLostHosts,
  requestBoot,
  revokeEarlierBoots,
} from './boots/boot-repository.ts';
export {
  type Beat,
  type BeatRow,
  type FlushedBeats,
  flushBeats,
  type RunningAttempt,
  renewLeases,
  writeBeats,
} from './boots/flush-beats.ts';
export { findSilentBoxes, type SilenceLimits, type SilentBox } from './boots/silent-boxes.ts';
export {
  BOX_CALL_CHANNEL,
  type BoxCallKey,
  forgetBoxCall,
  leaveBoxCall,
  readBoxCall,
  replyToBoxCall,
  takeBoxCall,
} from './box-calls/box-call-repository.ts';
export {
  type BudgetKey,
  type BudgetRow,
  type BudgetState,
  budgetUnits,
  deleteBudget,
  listBudgets,
  storeBudget,
} from './budgets/budget-repository.ts';
export {
  forgetReplicas,
  lockLostCalls,
  noteProgress,
  type ReservationRow,
  settleEndedTurns,
  touchReplica,
} from './budgets/open-work.ts';
export {
  type CallBatch,
  type CallReservation,
  type Crossing,
  type Need,
  type OpenCall,
  type Reservation,
  type Reserved,
  reserve,
  reserveCalls,
  type Settlement,
  settle,
  writeCalls,
} from './budgets/reservation.ts';
export { type Database, type DatabaseOptions, openDatabase } from './connection/database.ts';
export { type DatabaseAddress, databaseUrl } from './connection/database-address.ts';
export { asDatabaseError } from './connection/database-error.ts';
export type { Subscription } from './connection/notification-listener.ts';
export { asUnstorableValue } from './connection/unstorable-value.ts';
export {
  type ConversationRow,
  findConversation,
  insertConversation,
  listConversations,
  newestConversation,
  publicConversation,
} from './conversations/conversation-repository.ts';
export {
  historyBefore,
  listMessages,
  type MessageQuery,
  type MessageRow,
  messagesOfTask,
  publicMessage,
} from './conversations/message-repository.ts';
export { findMessageTargets, type MessageAddress, type MessageTarget } from './conversations/message-targets.ts';
export { appendEvents, type NewEvent } from './events/append-events.ts';
export { type EventCursor, formatCursor, parseCursor, START_CURSOR } from './events/event-cursor.ts';
export {
  type EventFilter,
  followEvents,
  newestCursor,
  readEvents,
  readEventsBack,
  type StoredEvent,
} from './events/read-events.ts';
export type { Executor } from './executor.ts';
export { chooseHost, runtimeProblem } from './hosts/choose-host.ts';
export {
  connectHost,
  disconnectHost,
  type HostRow,
  holdsHost,
  listHosts,
  silentHosts,
  touchHost,
} from './hosts/host-repository.ts';
export {
  type ManagedPostgres,
  type ManagedPostgresLog,
  type ManagedPostgresOptions,
  startManagedPostgres,
} from './managed/managed-postgres.ts';
export { findServerBinaries, type ServerBinaries } from './managed/server-binaries.ts';
export type { ServerConnection } from './managed/server-login.ts';
export type { ManagedPostgresEvent } from './managed/server-supervision.ts';
export { type MigrateOptions, migrate } from './migrate/migrate.ts';
export { MIGRATIONS_DIRECTORY, type MigrationFile, readMigrationFiles } from './migrate/migration-file.ts';
export { type Allowlist, listAllowlists, storeAllowlist } from './plugins/allowlist-repository.ts';
export { findArtifact, insertArtifact, readCatalogue, type StoredArtifact } from './plugins/artifact-repository.ts';
export {
  appliedChanges,
  insertChange,
  listChanges,
  lockChange,
  type PluginChangeRow,
  updateChange,
} from './plugins/change-repository.ts';
export { declarePlugin, type PluginDeclaration } from './plugins/declare-plugin.ts';
export {
  type HeldInOrg,
  heldByOrg,
  holdEverywhere,
  holdPlugin,
  releasePlugin,
} from './plugins/held-plugins.ts';
export { installPlugin, type PluginInstallation, uninstallPlugin } from './plugins/install-plugin.ts';
export type { EntitlementRules, PluginRecord } from './plugins/record-plugin.ts';
export {
  insertRollout,
  keepRolloutStep,
  listRollouts,
  lockRollout,
  type RolloutRow,
  type RolloutStepRow,
  rolloutSteps,
  runningRollouts,
  updateRollout,
} from './plugins/rollout-repository.ts';
export { listToolPins, storeToolPin, type ToolPin } from './plugins/tool-pin-repository.ts';
export { keepFetch, type UnfetchedPlugin, unfetchedPlugins } from './plugins/unfetched-plugins.ts';
export { type WantedPlugin, type WantedPlugins, wantedPlugins, wantedPluginsOf } from './plugins/wanted-plugins.ts';
export { consumeNonce, mintNonce, type NonceBinding } from './proofs/proof-nonce.ts';
export {
  listProofs,
  type ProofRow,
  reportProofs,
  storeWitnessedLive,
  type WitnessedLive,
} from './proofs/proof-repository.ts';
export { storeUsedProof } from './proofs/used-proof.ts';
export type { DB } from './schema.ts';
export {
  deleteSecret,
  findSecret,
  listSecrets,
  lockSecretsNotUnder,
  rewrapSecret,
  type SealValue,
  type SecretKey,
  type SecretRow,
  secretsForBox,
  secretsForGateway,
  storeGrants,
  storeSecret,
} from './secrets/secret-repository.ts';
export { answered, endedTask, pendingAnswer, type TaskEnd, writeTurnEnd } from './tasks/end-turn.ts';
export { insertTurn, insertTurns, type NewTurn } from './tasks/insert-turns.ts';
export { type LeasedTurn, leaseTurn } from './tasks/lease-turn.ts';
export {
  hasWork,
  lockExpiredLeases,
  lockOrphanedTasks,
  pruneTurnEvents,
  requeueTask,
  TASK_LEASE_MS,
} from './tasks/task-lease.ts';
export {
  findTask,
  findTaskByKey,
  listTasks,
  lockTask,
  publicTask,
  recentTurns,
  type TaskQuery,
  type TaskRow,
} from './tasks/task-repository.ts';
export { canonicalJson, runOnce, type ToolCall } from './tasks/tool-effects.ts';
export { takeTurnEvents } from './tasks/turn-events.ts';
export {
  forgetTerminal,
  noteTerminal,
  type OpenTerminal,
  takeLostTerminals,
} from './terminals/terminal-repository.ts';
export {
  consumeToken,
  findToken,
  listTokens,
  type MintToken,
  mintToken,
  revokeToken,
  revokeWorkspaceTokens,
  type TokenRow,
  touchTokens,
} from './tokens/token-repository.ts';
export { hashToken, newTokenValue, type TokenValue } from './tokens/token-value.ts';
export {
  dueTroubles,
  endTrouble,
  findTrouble,
  type ModelTrouble,
  type ModelTroubleRow,
  noteTrouble,
} from './usage/model-trouble.ts';
export { sumUsage, type UsageFilter, type UsageGrouping, type UsageSum } from './usage/usage-repository.ts';
export {
  bumpGeneration,
  findConcierge,
  findWorkspace,
  findWorkspaceByName,
  insertWorkspace,
  listWorkspaces,
  lockWorkspace,
  type NewWorkspace,
  raiseGeneration,
  type WorkspaceListQuery,
  type WorkspaceRow,
} from './workspaces/workspace-repository.ts';
export { applyTransition, type TransitionCause, type TransitionOutcome } from './workspaces-status/apply-transition.ts';
export { storeAssessment } from './workspaces-status/store-assessment.ts';

import type { ColumnType, Generated, JSONColumnType } from 'kysely';
import type { BoxCallTables } from './box-calls/box-call-tables.ts';
import type { ModelTables } from './model-tables.ts';
import type { RolloutTables } from './rollout-tables.ts';
import type { TerminalTables } from './terminals/terminal-tables.ts';

/**
 * The tables of `migrations/` as Kysely sees them. A test compares this file's tables and columns with the migrated database.
 */
type Json = Record<string, unknown>;
/** Set by the database when absent, never updated. */
type CreatedAt = ColumnType<Date, Date | undefined, never>;
type JsonWithDefault<T extends object = Json> = ColumnType<T, string | undefined, string>;

export interface OrgsTable {
  id: string;
  name: string;
  created_at: CreatedAt;
}
export interface UsersTable {
  id: string;
  org_id: string;
  name: string;
  role: 'owner' | 'admin' | 'operator' | 'viewer';
  created_at: CreatedAt;
}
export interface HostsTable {
  id: string;
  org_id: string;
  hostname: string;
  pid: number | null;
  version: string | null;
  runtimes: JsonWithDefault<unknown[]>;
  isolation: JsonWithDefault;
  connected_at: Date | null;
  connection_id: string | null;
  last_seen_at: Date | null;
}
export interface WorkspacesTable {
  id: string;
  org_id: string;
  name: string;
  kind: Generated<'workspace' | 'platform'>;
  parent_id: string | null;
  status: Generated<
    'provisioning' | 'booting' | 'online' | 'degraded' | 'failed' | 'offline' | 'paused' | 'hibernated' | 'removed'
  >;
  status_reason: string | null;
  status_message: string | null;
  status_since: Generated<Date>;
  runtime: string;
  template: string | null;
  role: string | null;
  model: string | null;
  model_origin: 'customer' | 'platform' | null;
  generation: Generated<number>;
  host_id: string | null;
  boot_id: string | null;
  boot_started_at: Date | null;
  boot_enrolled_at: Date | null;
  registered_at: Date | null;
  online_at: Date | null;
  self_report: JsonWithDefault;
  runtime_version: string | null;
  isolation: JSONColumnType<Json> | null;
  signals: JsonWithDefault;
  last_heartbeat_at: Date | null;
  applied_generation: number | null;
  mcp_missing_since: Date | null;
  last_repair_at: Date | null;
  created_by: string;
  created_at: CreatedAt;
  removed_at: Date | null;
}
export interface TokensTable {
  id: string;
  org_id: string;
  name: string;
  kind: 'owner' | 'person' | 'box' | 'management' | 'host' | 'enrolment' | 'session' | 'sign_in';
  hash: Buffer;
  preview: string;
  scopes: string[];
  user_id: string | null;
  workspace_id: string | null;
  workspace_kind: string | null;
  boot_id: string | null;
  created_at: CreatedAt;
  expires_at: Date | null;
  last_used_at: Date | null;
  used_at: Date | null;
  revoked_at: Date | null;
}
export interface PluginCatalogTable {
  name: string;
  privileged: Generated<boolean>;
  sources: Generated<string[]>;
  digests: Generated<string[]>;
}
export interface ArtifactsTable {
  digest: string;
  name: string;
  version: string | null;
  manifest: JSONColumnType<Json>;
  privileged: Generated<boolean>;
  size_bytes: number;
  file_count: number;
  created_at: CreatedAt;
}
export interface DeclaredPluginsTable {
  workspace_id: string;
  workspace_kind: string;
  name: string;
  source: string;
  privileged: Generated<boolean>;
  protected: Generated<boolean>;
  artifact: string | null;
  resolved: string | null;
  declared_by: string;
  declared_at: CreatedAt;
  updated_at: Generated<Date>;
  fetch_attempts: Generated<number>;
  fetch_failure: JSONColumnType<Json, string | null | undefined, string | null> | null;
  fetch_after: Date | null;
}
export interface InstalledPluginsTable {
  workspace_id: string;
  workspace_kind: string;
  name: string;
  source: string;
  privileged: Generated<boolean>;
  artifact: string;
  resolved: string;
  installed_by: string;
  installed_at: CreatedAt;
  updated_at: Generated<Date>;
}
export interface PluginAllowlistsTable {
  org_id: string;
  workspace_id: string | null;
  entries: string[];
  updated_by: string;
  updated_at: Generated<Date>;
}
export interface PluginToolPinsTable {
  workspace_id: string;
  server: string;
  plugin: string;
  digest: string;
  tools: JSONColumnType<Record<string, string>>;
  seen: JSONColumnType<Record<string, string>> | null;
  state: Generated<'pinned' | 'flagged' | 'held'>;
  accepted_by: string | null;
  updated_at: Generated<Date>;
}
export interface PluginChangesTable {
  id: string;
  org_id: string;
  workspace_id: string;
  plugin: string;
  from_artifact: string;
  from_source: string;
  from_resolved: string;
  to_artifact: string;
  to_source: string;
  to_resolved: string;
  plan: JSONColumnType<Json>;
  state: Generated<'planned' | 'applied' | 'proved' | 'rolled_back' | 'discarded'>;
  reason: string | null;
  deadline_at: Date | null;
  generation: number | null;
  created_by: string;
  created_at: CreatedAt;
  updated_at: Generated<Date>;
}
export interface ProofNoncesTable {
  hash: Buffer;
  workspace_id: string;
  boot_id: string;
  server: string;
  expires_at: Date;
  used_at: Date | null;
}
export interface ProofsTable {
  workspace_id: string;
  boot_id: string;
  server: string;
  rung: string;
  ok: boolean;
  witnessed: Generated<boolean>;
  reason: string | null;
  evidence: JsonWithDefault;
  duration_ms: number | null;
  at: Generated<Date>;
}
export interface ConversationsTable {
  id: string;
  org_id: string;
  workspace_id: string;
  title: Generated<string>;
  session_id: string | null;
  session_runtime: string | null;
  created_at: CreatedAt;
  updated_at: Generated<Date>;
}
export interface TasksTable {
  id: string;
  org_id: string;
  workspace_id: string;
  conversation_id: string | null;
  parent_task_id: string | null;
  idempotency_key: string | null;
  request_digest: Buffer | null;
  status: Generated<'queued' | 'running' | 'completed' | 'failed' | 'cancelled'>;
  prompt: string;
  hop: Generated<number>;
  attempt: Generated<number>;
  max_attempts: Generated<number>;
  result_attempt: number | null;
  boot_id: string | null;
  lease_until: Date | null;
  cancel_requested_at: Date | null;
  deadline_at: Date | null;
  events_seen: Generated<number>;
  result: string | null;
  failure: string | null;
  failure_message: string | null;
  usage: JSONColumnType<Json> | null;
  created_by: string;
  created_at: CreatedAt;
  started_at: Date | null;
  ended_at: Date | null;
}
export interface MessagesTable {
  id: string;
  org_id: string;
  workspace_id: string;
  conversation_id: string;
  role: 'user' | 'agent' | 'system';
  status: 'complete' | 'pending' | 'failed';
  text: Generated<string>;
  parts: JsonWithDefault<unknown[]>;
  task_id: string | null;
  created_by: string;
  created_at: CreatedAt;
}
export interface ToolEffectsTable {
  task_id: string;
  tool: string;
  args_digest: Buffer;
  occurrence: number;
  attempt: number;
  result: JSONColumnType<Json>;
  at: Generated<Date>;
}
export interface EventsTable {
  id: Generated<number>;
  xid: Generated<string>;
  org_id: string;
  workspace_id: string | null;
  conversation_id: string | null;
  task_id: string | null;
  type: string;
  actor: string;
  data: JsonWithDefault;
  at: Generated<Date>;
}
export interface BootEventsTable {
  workspace_id: string;
  boot_id: string;
  seq: number;
  step: string;
  ok: boolean;
  at: Date;
  duration_ms: number | null;
  code: string | null;
  message: string;
  next_step: string | null;
  detail: JsonWithDefault;
  received_at: Generated<Date>;
}
export interface AuditTable {
  org_id: string;
  seq: number;
  at: Date;
  actor: string;
  action: string;
  target: string | null;
  data: JsonWithDefault;
  prev_hash: Buffer;
  hash: Buffer;
}
export interface SettingsTable {
  key: string;
  value: JSONColumnType<Json>;
  updated_at: Generated<Date>;
}

export interface DB extends ModelTables, BoxCallTables, RolloutTables, TerminalTables {
  orgs: OrgsTable;
  users: UsersTable;
  hosts: HostsTable;
  workspaces: WorkspacesTable;
  tokens: TokensTable;
  plugin_catalog: PluginCatalogTable;
  artifacts: ArtifactsTable;
  workspace_declared_plugins: DeclaredPluginsTable;
  workspace_plugins: InstalledPluginsTable;
  plugin_allowlists: PluginAllowlistsTable;
  plugin_tool_pins: PluginToolPinsTable;
  plugin_changes: PluginChangesTable;
  proof_nonces: ProofNoncesTable;
  proofs: ProofsTable;
  conversations: ConversationsTable;
  tasks: TasksTable;
  messages: MessagesTable;
  tool_effects: ToolEffectsTable;
  events: EventsTable;
  boot_events: BootEventsTable;
  audit: AuditTable;
  settings: SettingsTable;
}

import type { ColumnType, Generated, JSONColumnType } from 'kysely';

export interface SecretsTable {
  id: string;
  org_id: string;
  workspace_id: string | null;
  name: string;
  sealed: Buffer;
  key_id: string;
  version: Generated<number>;
  created_by: string;
  created_at: ColumnType<Date, Date | undefined, never>;
  updated_at: Generated<Date>;
  origin: Generated<'customer' | 'platform'>;
}
export interface SecretGrantsTable {
  secret_id: string;
  workspace_id: string;
  granted_by: string;
  granted_at: Generated<Date>;
}
export interface BudgetsTable {
  id: string;
  org_id: string;
  scope_kind: 'org' | 'subtree' | 'workspace' | 'task';
  scope_id: string;
  unit: 'usd' | 'tokens' | 'turns' | 'minutes';
  limit_units: number;
  period: 'hour' | 'day' | 'month' | 'total';
  mode: 'hard' | 'soft';
  created_by: string;
  created_at: ColumnType<Date, Date | undefined, never>;
}
export interface BudgetSpendsTable {
  budget_id: string;
  period_start: Date;
  spent: Generated<number>;
  reserved: Generated<number>;
  warned_at: Date | null;
}
export interface GatewayReplicasTable {
  id: string;
  seen_at: Date;
  batch: Generated<number>;
}
export interface ReservationsTable {
  id: string;
  org_id: string;
  workspace_id: string;
  task_id: string | null;
  kind: 'call' | 'turn';
  replica_id: string | null;
  attempt: number | null;
  provider: string;
  model: string;
  started_at: Date;
  input_tokens: Generated<number>;
  output_tokens: Generated<number>;
  holds: JSONColumnType<
    readonly { budget: string; period: string; unit: string; amount: number }[],
    string | undefined
  >;
}
export interface UsageTable {
  org_id: string;
  workspace_id: string;
  task_id: string | null;
  provider: string;
  model: string;
  hour: Date;
  input_tokens: Generated<number>;
  output_tokens: Generated<number>;
  cached_tokens: Generated<number>;
  cache_write_tokens: Generated<number>;
  reasoning_tokens: Generated<number>;
  requests: Generated<number>;
  estimated_requests: Generated<number>;
  failed_requests: Generated<number>;
  unpriced_requests: Generated<number>;
  cost_micro_usd: Generated<number>;
  turns: Generated<number>;
  turn_ms: Generated<number>;
}
export interface ModelTroublesTable {
  org_id: string;
  workspace_id: string | null;
  provider: string;
  model: string;
  reason: string;
  message: string;
  since: Date;
  next_check_at: Date;
  checks: Generated<number>;
}

/** Tables of models, secrets, budgets and usage: a part of the schema. */
export interface ModelTables {
  secrets: SecretsTable;
  secret_grants: SecretGrantsTable;
  budgets: BudgetsTable;
  budget_spends: BudgetSpendsTable;
  gateway_replicas: GatewayReplicasTable;
  reservations: ReservationsTable;
  usage: UsageTable;
  model_troubles: ModelTroublesTable;
}

import type { ColumnType, Generated, JSONColumnType } from 'kysely';

type Json = Record<string, unknown>;

export interface RolloutsTable {
  id: string;
  org_id: string;
  subject: 'plugin' | 'runtime';
  name: string;
  plan: JSONColumnType<Json>;
  canary: string[];
  rest: string[];
  soak_seconds: number;
  state: Generated<'planned' | 'canary' | 'rest' | 'done' | 'rolled_back' | 'discarded'>;
  reason: string | null;
  well_since: Date | null;
  wave_at: Date | null;
  created_by: string;
  created_at: ColumnType<Date, Date | undefined, never>;
  updated_at: Generated<Date>;
}
export interface HeldPluginsTable {
  workspace_id: string;
  workspace_kind: 'workspace' | 'platform';
  name: string;
  privileged: boolean;
  artifact: string;
  held_at: Generated<Date>;
}
export interface RolloutStepsTable {
  rollout_id: string;
  workspace_id: string;
  before: JSONColumnType<Json>;
  generation: number | null;
}

export interface RolloutTables {
  rollouts: RolloutsTable;
  rollout_steps: RolloutStepsTable;
  held_plugins: HeldPluginsTable;
}

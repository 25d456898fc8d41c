import type {
  Budget,
  BudgetPeriod,
  BudgetUnit,
  ModelChoice,
  ModelInfo,
  SecretInfo,
  UsagePage,
} from '@molecule/contracts';
import type { ToolCall } from './management-services.ts';

/** Models, secrets, budgets and usage as the tools need them. An agent's own call may narrow, never widen: the control plane sees to it. */
export interface ModelManagement {
  listModels(call: ToolCall): Promise<ModelInfo[]>;
  showModel(call: ToolCall, workspace: string): Promise<ModelChoice>;
  listSecrets(call: ToolCall, workspace: string): Promise<SecretInfo[]>;
  setSecret(call: ToolCall, workspace: string, name: string, value: string): Promise<SecretInfo>;
  deleteSecret(call: ToolCall, workspace: string, name: string): Promise<void>;
  setBudget(
    call: ToolCall,
    workspace: string,
    budget: { readonly unit: BudgetUnit; readonly limit: number; readonly period: BudgetPeriod },
  ): Promise<Budget>;
  usage(
    call: ToolCall,
    query: { readonly workspace?: string; readonly tree: boolean; readonly taskId?: string },
  ): Promise<UsagePage>;
}

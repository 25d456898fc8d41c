import type { EnvironmentInput } from '../contract/index.ts';
import { inheritingChild } from '../native-config/inheriting-child.ts';

export const childEnvironment = inheritingChild();

export function environment(input: EnvironmentInput): Readonly<Record<string, string>> {
  const { model, layout } = input;
  // Otherwise the first turn begins before its servers are there.
  const env = { QWEN_CODE_LEGACY_MCP_BLOCKING: '1', ...input.base, HOME: layout.home };
  const path = model.kind === 'gateway' ? model.paths.openaiChat : undefined;
  if (path === undefined || model.kind !== 'gateway') return env;
  return { ...env, OPENAI_API_KEY: input.apiKey, OPENAI_BASE_URL: input.apiUrl + path, OPENAI_MODEL: model.model };
}

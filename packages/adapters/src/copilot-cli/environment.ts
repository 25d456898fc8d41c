import type { EnvironmentInput } from '../contract/index.ts';
import { inheritingChild } from '../native-config/inheriting-child.ts';

/** What the runtime keeps from its servers. */
const WITHHELD = new Set(['COPILOT_PROVIDER_API_KEY', 'COPILOT_PROVIDER_BASE_URL', 'COPILOT_OFFLINE']);

export const childEnvironment = inheritingChild((name) => !WITHHELD.has(name));

export function environment(input: EnvironmentInput): Readonly<Record<string, string>> {
  const { model, layout } = input;
  const env = {
    COPILOT_AUTO_UPDATE: 'false',
    ...input.base,
    HOME: layout.home,
    COPILOT_HOME: `${layout.home}/.copilot`,
  };
  const path = model.kind === 'gateway' ? model.paths.openaiChat : undefined;
  if (path === undefined || model.kind !== 'gateway') return env;
  return {
    ...env,
    COPILOT_PROVIDER_BASE_URL: input.apiUrl + path,
    COPILOT_PROVIDER_API_KEY: input.apiKey,
    COPILOT_MODEL: model.model,
    // No call to the vendor's own service.
    COPILOT_OFFLINE: 'true',
  };
}

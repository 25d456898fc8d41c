import type { EnvironmentInput } from '../contract/index.ts';
import { codexHome } from './native.ts';

/** Holds the address of the gateway for the command line; the runtime itself does not read it. */
export const GATEWAY_VARIABLE = 'MOLECULE_CODEX_MODEL_URL';
/** Key of the gateway: the box's own token, named by the provider entry of the command line. */
export const KEY_VARIABLE = 'MOLECULE_API_KEY';

export function codexEnvironment(input: EnvironmentInput): Readonly<Record<string, string>> {
  const { model, layout } = input;
  const env = { ...input.base, HOME: layout.home, CODEX_HOME: codexHome(layout) };
  const path = model.kind === 'gateway' ? model.paths.openaiResponses : undefined;
  if (path === undefined) return env;
  const { OPENAI_API_KEY: _key, CODEX_API_KEY: _other, ...rest } = env as Record<string, string>; // a provider key would reach the agent's commands
  return { ...rest, [GATEWAY_VARIABLE]: input.apiUrl + path, [KEY_VARIABLE]: input.apiKey };
}

import { AGENT_ENV } from '@molecule/agent';
import type { EnvironmentInput } from '../contract/index.ts';
import { agentHome } from './native.ts';

/** Environment of the agent's process. With direct access the provider's key is one of the workspace's secrets, already in `base`. */
export function agentEnvironment(input: EnvironmentInput): Readonly<Record<string, string>> {
  const { model, base, layout } = input;
  const env = { ...base, HOME: layout.home, [AGENT_ENV.home]: agentHome(layout) };
  if (model.kind === 'none') return env;
  const named = model.model === null ? env : { ...env, [AGENT_ENV.model]: model.model };
  if (model.kind === 'direct') return named;
  const { anthropic, openaiChat } = model.paths;
  return {
    ...named,
    [AGENT_ENV.gatewayKey]: input.apiKey,
    ...(anthropic !== undefined
      ? { [AGENT_ENV.gatewayAnthropicUrl]: input.apiUrl + anthropic }
      : openaiChat !== undefined
        ? { [AGENT_ENV.gatewayOpenAiUrl]: input.apiUrl + openaiChat }
        : {}),
  };
}

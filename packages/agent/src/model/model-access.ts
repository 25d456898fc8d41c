import { AGENT_ENV } from '../environment-names.ts';

/** Where model calls go and with which key. */
export interface ResolvedModel {
  readonly protocol: 'anthropic' | 'openai';
  /** Base address as the vendors' own variables hold it: with `/v1` for OpenAI, without for Anthropic; null = the provider's own. */
  readonly baseUrl: string | null;
  readonly modelId: string;
  readonly credential: { readonly kind: 'bearer' | 'apiKey'; readonly value: string };
}

type Env = Readonly<Record<string, string | undefined>>;

/**
 * Resolves model access from the environment: the gateway wins over a provider's own key. Never another provider than the one
 * that is configured; a string says what is missing.
 */
export function resolveModel(env: Env): ResolvedModel | string {
  const modelId = present(env[AGENT_ENV.model]);
  if (modelId === null) return `No model: ${AGENT_ENV.model} is not set.`;
  const gateways = [
    ['anthropic', present(env[AGENT_ENV.gatewayAnthropicUrl])],
    ['openai', present(env[AGENT_ENV.gatewayOpenAiUrl])],
  ] as const;
  for (const [protocol, url] of gateways) {
    if (url === null) continue;
    const key = present(env[AGENT_ENV.gatewayKey]);
    if (key === null) return `No key for the model gateway: ${AGENT_ENV.gatewayKey} is not set.`;
    return { protocol, baseUrl: url, modelId, credential: { kind: 'bearer', value: key } };
  }
  return direct(env, modelId);
}

function direct(env: Env, modelId: string): ResolvedModel | string {
  const anthropicKey = present(env['ANTHROPIC_API_KEY']);
  const anthropicToken = present(env['ANTHROPIC_AUTH_TOKEN']);
  const baseUrl = present(env['ANTHROPIC_BASE_URL']);
  if (anthropicKey !== null)
    return { protocol: 'anthropic', baseUrl, modelId, credential: { kind: 'apiKey', value: anthropicKey } };
  if (anthropicToken !== null)
    return { protocol: 'anthropic', baseUrl, modelId, credential: { kind: 'bearer', value: anthropicToken } };
  const openAiKey = present(env['OPENAI_API_KEY']);
  if (openAiKey !== null)
    return {
      protocol: 'openai',
      baseUrl: present(env['OPENAI_BASE_URL']),
      modelId,
      credential: { kind: 'bearer', value: openAiKey },
    };
  return 'No model access: neither the gateway nor a provider key is configured.';
}

function present(value: string | undefined): string | null {
  return value === undefined || value.trim() === '' ? null : value.trim().replace(/\/+$/, '');
}

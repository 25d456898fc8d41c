import type { ModelCheck } from '@molecule/contracts';
import { authHeader, type ProtocolId, upstreamUrl } from '@molecule/models';
import { CircuitBreaker } from '../gateway/circuit-breaker.ts';
import { readErrorText } from '../gateway/error-answer.ts';
import { refusalReason, refusalText } from '../gateway/provider-refusal.ts';
import type { UpstreamAgents } from '../gateway/upstream-agents.ts';
import { callUpstream } from '../gateway/upstream-call.ts';
import type { CallPlan } from './call-plan.ts';

const TIMES = { connectMs: 5_000, firstByteMs: 20_000 };
const PROMPT = 'ping';

/** The smallest real call of a protocol. */
function smallestBody(protocol: ProtocolId, model: string): Record<string, unknown> {
  const messages = [{ role: 'user', content: PROMPT }];
  switch (protocol) {
    case 'anthropic':
      return { model, max_tokens: 1, messages };
    case 'openai-chat':
      return { model, max_tokens: 1, messages };
    case 'openai-responses':
      return { model, input: PROMPT, max_output_tokens: 16, store: false };
    case 'google':
      return { contents: [{ role: 'user', parts: [{ text: PROMPT }] }], generationConfig: { maxOutputTokens: 1 } };
  }
}

/** The protocol that says most surely whether key, address and model fit. */
function protocolOf(plan: CallPlan): ProtocolId | null {
  const order: readonly ProtocolId[] =
    plan.vendor.id === 'openai'
      ? ['openai-responses', 'openai-chat']
      : ['anthropic', 'google', 'openai-chat', 'openai-responses'];
  return order.find((protocol) => plan.endpoints[protocol] !== undefined) ?? null;
}

/** Tries key, address and model with the smallest real call, and says what was found. Never throws. */
export async function preflight(plan: CallPlan, agents: UpstreamAgents, signal: AbortSignal): Promise<ModelCheck> {
  const started = performance.now();
  const name = plan.vendor.name;
  const result = (reason: string | null, message: string): ModelCheck => ({
    ok: reason === null,
    provider: plan.provider,
    model: plan.modelId,
    reason,
    message,
    latencyMs: Math.round(performance.now() - started),
  });
  if (plan.isDemo) return result(null, 'The built-in demo model needs no key. It is scripted, no AI.');
  const protocol = protocolOf(plan);
  const endpoint = protocol === null ? undefined : plan.endpoints[protocol];
  if (protocol === null || endpoint === undefined) return result('base_address_missing', `${name} has no address.`);
  const url = new URL(upstreamUrl(endpoint.baseUrl, protocol, 'generate', { model: plan.modelId, stream: false }));
  const body = Buffer.from(JSON.stringify(smallestBody(protocol, plan.modelId)));
  const headers = {
    'content-type': 'application/json',
    'content-length': String(body.length),
    'accept-encoding': 'identity',
    ...authHeader(endpoint.auth, endpoint.key),
    ...(protocol === 'anthropic' ? { 'anthropic-version': '2023-06-01' } : {}),
  };
  const outcome = await callUpstream(
    { url, method: 'POST', headers, body, guarded: endpoint.guarded },
    { agents, breaker: new CircuitBreaker(), times: TIMES, random: Math.random },
    signal,
  );
  if (outcome.kind === 'cancelled') return result('cancelled', 'The trial was broken off.');
  if (outcome.kind === 'failed') {
    if (outcome.reason === 'address')
      return result('address_refused', `The address of ${name} is refused: ${outcome.detail}.`);
    return result(
      'unreachable',
      `${name} cannot be reached at ${url.origin} (${outcome.detail}). Check the address and the network.`,
    );
  }
  const status = outcome.response.statusCode ?? 502;
  const text = await readErrorText(outcome.response);
  if (status < 300) return result(null, `${name} answered with the model ${plan.modelId}.`);
  const reason = refusalReason(status, text);
  if (reason !== null) return result(reason, refusalText(reason, name, status));
  return result('upstream_error', `${name} answered with status ${status}.`);
}

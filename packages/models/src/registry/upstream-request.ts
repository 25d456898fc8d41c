import type { ProtocolId } from '../protocols/model-request.ts';
import type { ModelOperation } from '../protocols/model-route.ts';
import type { AuthStyle } from './registry-schema.ts';

/** The address of one operation at a provider, from its base address (see `endpoints.baseUrl`). */
export function upstreamUrl(
  baseUrl: string,
  protocol: ProtocolId,
  operation: ModelOperation,
  target: { readonly model: string; readonly stream: boolean },
): string {
  const base = baseUrl.replace(/\/+$/, '');
  switch (protocol) {
    case 'anthropic':
      return `${base}/v1/${operation === 'generate' ? 'messages' : operation === 'count_tokens' ? 'messages/count_tokens' : 'models'}`;
    case 'openai-responses':
      return `${base}/${operation === 'generate' ? 'responses' : operation === 'count_tokens' ? 'responses/input_tokens' : 'models'}`;
    case 'openai-chat':
      return `${base}/${operation === 'list_models' ? 'models' : 'chat/completions'}`;
    case 'google': {
      if (operation === 'list_models') return `${base}/v1beta/models`;
      const method =
        operation === 'count_tokens'
          ? 'countTokens'
          : target.stream
            ? 'streamGenerateContent?alt=sse'
            : 'generateContent';
      return `${base}/v1beta/models/${encodeURIComponent(target.model)}:${method}`;
    }
  }
}

/** The header that carries a key at a provider; empty where none is wanted. */
export function authHeader(style: AuthStyle, key: string): Readonly<Record<string, string>> {
  switch (style) {
    case 'none':
      return {};
    case 'bearer':
      return { authorization: `Bearer ${key}` };
    case 'x-api-key':
    case 'x-goog-api-key':
      return { [style]: key };
  }
}

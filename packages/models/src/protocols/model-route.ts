import type { ProtocolId } from './model-request.ts';

export type ModelOperation = 'generate' | 'count_tokens' | 'list_models';

export interface ModelRoute {
  readonly protocol: ProtocolId;
  readonly operation: ModelOperation;
}

const ROUTES: readonly (readonly [pattern: RegExp, protocol: ProtocolId, operation: ModelOperation])[] = [
  [/\/messages$/, 'anthropic', 'generate'],
  [/\/messages\/count_tokens$/, 'anthropic', 'count_tokens'],
  [/\/responses$/, 'openai-responses', 'generate'],
  [/\/responses\/input_tokens$/, 'openai-responses', 'count_tokens'],
  [/\/chat\/completions$/, 'openai-chat', 'generate'],
  [/\/models\/[^/]+:(?:generateContent|streamGenerateContent)$/, 'google', 'generate'],
  [/\/models\/[^/]+:countTokens$/, 'google', 'count_tokens'],
];

/**
 * Which protocol a request speaks, by method and the end of its path (query and any prefix are ignored); null for anything else.
 * Model lists of all protocols share a path, so the header that only Anthropic's clients send, or a `v1beta` path, decides.
 */
export function modelRouteOf(
  method: string,
  path: string,
  headers: Readonly<Record<string, string | readonly string[] | undefined>> = {},
): ModelRoute | null {
  const bare = path.split('?', 1)[0] ?? '';
  if (method === 'POST') {
    const found = ROUTES.find(([pattern]) => pattern.test(bare));
    return found === undefined ? null : { protocol: found[1], operation: found[2] };
  }
  if (method === 'GET' && /\/models(?:\/[^:]+)?$/.test(bare)) {
    const protocol =
      headers['anthropic-version'] !== undefined
        ? 'anthropic'
        : /\/v1(?:beta|alpha)\//.test(bare)
          ? 'google'
          : 'openai-chat';
    return { protocol, operation: 'list_models' };
  }
  return null;
}

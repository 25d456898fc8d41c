import type { Upstreams } from '../../src/index.ts';

export const KEY = 'sk-the-operators-key-0123456789';

/** Providers of the environment, all at one address. */
export function upstreamsOf(
  url: string,
  providers: readonly string[] = ['anthropic', 'openai', 'google', 'moonshot'],
): Upstreams {
  return new Map(
    providers.map((provider) => [
      provider,
      { provider, baseUrl: provider === 'openai' ? `${url}/v1` : url, key: KEY, origin: 'TEST' },
    ]),
  );
}

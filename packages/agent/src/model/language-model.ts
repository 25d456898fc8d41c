import type { LanguageModel } from 'ai';
import type { ResolvedModel } from './model-access.ts';

const OPENAI_URL = 'https://api.openai.com/v1';

/** Makes the library's model object. The provider's library is loaded here and not before. */
export async function languageModel(model: ResolvedModel): Promise<LanguageModel> {
  if (model.protocol === 'openai') {
    const { createOpenAICompatible } = await import('@ai-sdk/openai-compatible');
    const provider = createOpenAICompatible({
      name: 'openai',
      baseURL: model.baseUrl ?? OPENAI_URL,
      includeUsage: true,
      apiKey: model.credential.value,
    });
    return provider(model.modelId);
  }
  const base = model.baseUrl === null ? {} : { baseURL: `${model.baseUrl}/v1` };
  const { createAnthropic } = await import('@ai-sdk/anthropic');
  const credential =
    model.credential.kind === 'apiKey' ? { apiKey: model.credential.value } : { authToken: model.credential.value };
  return createAnthropic({ ...base, ...credential })(model.modelId);
}

import type { EnvironmentInput } from '../contract/index.ts';
import { inheritingChild } from '../native-config/inheriting-child.ts';

/** Variable that holds the key of the gateway; the inline configuration refers to it. */
const KEY_VARIABLE = 'MOLECULE_API_KEY';

export const childEnvironment = inheritingChild(() => true, 'empty');

export function environment(input: EnvironmentInput): Readonly<Record<string, string>> {
  const { model, layout } = input;
  const env = {
    OPENCODE_DISABLE_AUTOUPDATE: '1',
    OPENCODE_DISABLE_MODELS_FETCH: '1',
    OPENCODE_DISABLE_LSP_DOWNLOAD: '1',
    ...input.base,
    HOME: layout.home,
    XDG_CONFIG_HOME: `${layout.home}/.config`,
    XDG_DATA_HOME: `${layout.home}/.local/share`,
    XDG_STATE_HOME: `${layout.home}/.local/state`,
    XDG_CACHE_HOME: `${layout.home}/.cache`,
  };
  const path = model.kind === 'gateway' ? model.paths.openaiChat : undefined;
  if (path === undefined || model.kind !== 'gateway') return env;
  const config = inlineConfig(input.apiUrl + path, model.model);
  return { ...env, [KEY_VARIABLE]: input.apiKey, OPENCODE_CONFIG_CONTENT: JSON.stringify(config) };
}

/** Laid over the files for this process: the provider, the model for everything, and no other provider. */
function inlineConfig(baseURL: string, model: string): unknown {
  const name = `molecule/${model}`;
  return {
    provider: {
      molecule: {
        npm: '@ai-sdk/openai-compatible',
        name: 'Molecule',
        options: { baseURL, apiKey: `{env:${KEY_VARIABLE}}` },
        models: { [model]: {} },
      },
    },
    enabled_providers: ['molecule'],
    model: name,
    small_model: name,
    share: 'disabled',
    autoupdate: false,
  };
}

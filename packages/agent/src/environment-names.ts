/**
 * Environment that the agent reads. The names that other programs share are those of ENV in `contracts`; they are repeated
 * here because importing that package would load the schema library at every start (a test compares the two).
 */
export const AGENT_ENV = {
  /** Folder of config.json, AGENTS.md, skills/ and sessions/. */
  home: 'MOLECULE_AGENT_HOME',
  /** Key of the model gateway: the box's own token. */
  gatewayKey: 'MOLECULE_API_KEY',
  /** Gateway base that speaks Anthropic Messages below `/v1`. */
  gatewayAnthropicUrl: 'MOLECULE_LLM_ANTHROPIC_URL',
  /** Gateway base that speaks OpenAI Chat Completions; it ends in `/v1`. */
  gatewayOpenAiUrl: 'MOLECULE_LLM_OPENAI_URL',
  /** Model id as the provider or gateway knows it. */
  model: 'MOLECULE_AGENT_MODEL',
  /** How often a failed model call is tried again; a whole number, 2 when absent. */
  retries: 'MOLECULE_AGENT_RETRIES',
} as const;

import type { EnvironmentInput } from '../contract/index.ts';
import { configFolder } from './native.ts';

/** What holds for every process of the CLI; a variable of the workspace's own wins (B38). */
const SWITCHES: Readonly<Record<string, string>> = {
  // Nothing but model calls may leave the box.
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  DISABLE_AUTOUPDATER: '1',
  DISABLE_TELEMETRY: '1',
  DISABLE_ERROR_REPORTING: '1',
  // All tools of all servers are offered to the model at once.
  ENABLE_TOOL_SEARCH: 'false',
  // The first turn waits for its servers.
  MCP_CONNECTION_NONBLOCKING: '0',
  MCP_TIMEOUT: '30000',
  // Nothing may go on after the turn has ended: a finished background task would start a turn of its own.
  CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: '1',
  CLAUDE_CODE_DISABLE_CRON: '1',
  // Ten retries, the default, take minutes; the platform tries a failed task again by itself.
  CLAUDE_CODE_MAX_RETRIES: '4',
};

/** Variable of the person's own login token; it is the only one that is taken over from the box host. */
export const LOGIN_VARIABLE = 'CLAUDE_CODE_OAUTH_TOKEN';

export function claudeEnvironment(input: EnvironmentInput): Readonly<Record<string, string>> {
  const { model, layout } = input;
  const env: Record<string, string> = { ...SWITCHES, ...input.base, HOME: layout.home };
  // On a person's machine the configuration lies beside the folder, where the CLI looks only without the variable.
  if (layout.owner === 'box') env['CLAUDE_CONFIG_DIR'] = configFolder(layout);
  else delete env['CLAUDE_CONFIG_DIR'];
  if (model.kind === 'none') return env;
  if (model.kind === 'direct') {
    const token = input.hostEnv[LOGIN_VARIABLE];
    return token === undefined || token === '' ? env : { ...env, [LOGIN_VARIABLE]: token };
  }
  const path = model.paths.anthropic;
  if (path === undefined) return env;
  const { model: name } = model;
  return {
    ...withoutProviderKeys(env),
    ANTHROPIC_BASE_URL: input.apiUrl + path,
    ANTHROPIC_AUTH_TOKEN: input.apiKey,
    // Side tasks and subagents stay with the model that the workspace may use.
    ANTHROPIC_DEFAULT_OPUS_MODEL: name,
    ANTHROPIC_DEFAULT_SONNET_MODEL: name,
    ANTHROPIC_DEFAULT_HAIKU_MODEL: name,
    CLAUDE_CODE_SUBAGENT_MODEL: name,
  };
}

/** A provider key among the workspace's secrets would win over the gateway's token. */
function withoutProviderKeys(env: Readonly<Record<string, string>>): Record<string, string> {
  const { ANTHROPIC_API_KEY: _key, CLAUDE_CODE_OAUTH_TOKEN: _token, ...rest } = env;
  return rest;
}

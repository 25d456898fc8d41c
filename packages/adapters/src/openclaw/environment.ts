import type { EnvironmentInput, RuntimeAdapter } from '../contract/index.ts';
import { plainReferences } from '../native-config/references.ts';
import { native, stateFolder } from './native.ts';
import { ADDRESS_VARIABLE, KEY_VARIABLE, MODEL_VARIABLE, UNSET } from './variables.ts';

/** Its pages do not say that a server inherits more than this, so nothing may count on more. */
const INHERITED = ['HOME', 'LOGNAME', 'PATH', 'SHELL', 'TERM', 'USER'];
/** Dropped even when the entry names them: they would change what program runs. */
const DROPPED =
  /^(?:NODE_OPTIONS|PYTHONSTARTUP|PERL5OPT|RUBYOPT|BASHOPTS|BASH_ENV|KSH_ENV|ENV|DYLD_.*|LD_.*|BASH_FUNC_.*)$/;
/** Only names in capitals are references; anything else stays as it is written. */
const REFERENCE = /\$\{([A-Z_][A-Z0-9_]*)\}/g;

export const childEnvironment: RuntimeAdapter['childEnvironment'] = (parent, server) => {
  if (server.type === 'http') return {};
  const env: Record<string, string> = {};
  for (const name of INHERITED) if (parent[name] !== undefined) env[name] = parent[name];
  for (const [name, value] of Object.entries(server.env)) {
    if (DROPPED.test(name)) continue;
    env[name] = plainReferences(value).replace(REFERENCE, (whole, key: string) => parent[key] ?? whole);
  }
  return env;
};

export function environment(input: EnvironmentInput): Readonly<Record<string, string>> {
  const { model, layout } = input;
  const path = model.kind === 'gateway' ? model.paths.openaiChat : undefined;
  const isReachable = model.kind === 'gateway' && path !== undefined;
  return {
    [KEY_VARIABLE]: UNSET,
    ...input.base,
    HOME: layout.home,
    OPENCLAW_STATE_DIR: stateFolder(layout),
    OPENCLAW_CONFIG_PATH: native.serversPath(layout),
    [ADDRESS_VARIABLE]: isReachable ? input.apiUrl + path : UNSET,
    [MODEL_VARIABLE]: isReachable ? model.model : UNSET,
    ...(isReachable ? { [KEY_VARIABLE]: input.apiKey } : {}),
  };
}

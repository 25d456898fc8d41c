import type { EnvironmentInput, RuntimeAdapter } from '../contract/index.ts';
import { expandedOrLiteral, mapValues, plainReferences } from '../native-config/references.ts';

/** The runtime keeps variables from its servers whose names look like secrets; an entry that names them passes them on. */
const LOOKS_SECRET = /TOKEN|SECRET|PASSWORD|PASSWD|KEY|AUTH|CREDENTIAL|CREDS|PRIVATE|CERT/i;

export const childEnvironment: RuntimeAdapter['childEnvironment'] = (parent, server) => {
  if (server.type === 'http') return {};
  const inherited = Object.entries(parent).filter(([name]) => !LOOKS_SECRET.test(name));
  // An unset reference becomes an empty text here, unlike elsewhere.
  const own = mapValues(server.env, (value) =>
    expandedOrLiteral(plainReferences(value), parent).replace(/\$\{\w+\}/g, ''),
  );
  return { ...Object.fromEntries(inherited), ...own };
};

export function environment(input: EnvironmentInput): Readonly<Record<string, string>> {
  const { model, layout } = input;
  const env = {
    GEMINI_CLI_TRUST_WORKSPACE: 'true',
    GEMINI_TELEMETRY_ENABLED: 'false',
    // Otherwise it starts itself a second time, for a heap of half the machine.
    GEMINI_CLI_NO_RELAUNCH: 'true',
    ...input.base,
    HOME: layout.home,
  };
  const path = model.kind === 'gateway' ? model.paths.google : undefined;
  if (path === undefined) return env;
  return { ...env, GEMINI_API_KEY: input.apiKey, GOOGLE_GEMINI_BASE_URL: input.apiUrl + path };
}

import type { EnvironmentInput, RuntimeAdapter } from '../../../src/contract/index.ts';
import { expandedOrLiteral, mapValues, plainReferences } from '../../../src/native-config/references.ts';
import { novaHome } from './native.ts';

/** What it hands on to every server by itself, measured with a server that writes its environment down. */
const INHERITED = new Set(['HOME', 'PATH', 'LANG', 'TERM']);

export const childEnvironment: RuntimeAdapter['childEnvironment'] = (parent, server) => {
  if (server.type === 'http') return {};
  const inherited = Object.entries(parent).filter(([name]) => INHERITED.has(name));
  return {
    ...Object.fromEntries(inherited),
    ...mapValues(server.env, (value) => expandedOrLiteral(plainReferences(value), parent)),
  };
};

export function environment({ model, layout, apiUrl, apiKey, base }: EnvironmentInput): Record<string, string> {
  // The switches come first, so that a variable of the workspace wins over them.
  const env = { NOVA_TELEMETRY: 'off', NOVA_UPDATES: 'off', ...base, HOME: layout.home, NOVA_HOME: novaHome(layout) };
  const path = model.kind === 'gateway' ? model.paths.openaiChat : undefined;
  if (path === undefined || model.kind !== 'gateway') return env;
  return { ...env, NOVA_MODEL: model.model, NOVA_MODEL_URL: apiUrl + path, NOVA_MODEL_KEY: apiKey };
}

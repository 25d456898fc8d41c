import type { DesiredServer, HttpDescriptor, ServerDescriptor, StdioDescriptor } from '@molecule/contracts';
import type { BoxLayout } from '../contract/index.ts';
import { type ConfigMap, type ConfigValue, isMap, ownValue } from '../editing/config-value.ts';
import { tomlFormat } from '../editing/toml/toml-format.ts';
import type { NativeConfig } from '../native-config/native-config.ts';
import { mapValues, plainReferences } from '../native-config/references.ts';
import { isPassThrough, readWrapperScript, referencedNames, wrapperScript } from './reference-wrapper.ts';

/** CODEX_HOME of a box and of a person. */
export function codexHome(layout: BoxLayout): string {
  return `${layout.home}/.codex`;
}

const SHELL = '/bin/sh';
const ONE_REFERENCE = /^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$/;
const BEARER_REFERENCE = /^Bearer \$\{([A-Za-z_][A-Za-z0-9_]*)\}$/;

export const native: NativeConfig = {
  serversPath: (layout) => `${codexHome(layout)}/config.toml`,
  format: tomlFormat,
  serversKey: ['mcp_servers'],
  toNative: (server) => ({
    ...(server.descriptor.type === 'http' ? httpEntry(server.descriptor) : stdioEntry(plain(server.descriptor))),
    ...switches(server),
  }),
  fromNative: (value) => (isMap(value) ? readEntry(value) : null),
  instructionsPath: (layout) => `${codexHome(layout)}/AGENTS.md`,
  skillsFolder: (layout) => `${codexHome(layout)}/skills`,
};

/** Without the approval mode a call without a person fails; without `required` a broken server is silently absent. */
function switches(server: DesiredServer): ConfigMap {
  return { default_tools_approval_mode: 'approve', ...(server.required ? { required: true } : {}) };
}

function plain(descriptor: StdioDescriptor): StdioDescriptor {
  return {
    type: 'stdio',
    command: plainReferences(descriptor.command),
    args: descriptor.args.map(plainReferences),
    env: mapValues(descriptor.env, plainReferences),
  };
}

function stdioEntry(descriptor: StdioDescriptor): ConfigMap {
  const names = referencedNames(descriptor);
  const passed: ConfigMap = names.length === 0 ? {} : { env_vars: names };
  if (!isPassThrough(descriptor)) return { command: SHELL, args: ['-c', wrapperScript(descriptor)], ...passed };
  const literal = Object.entries(descriptor.env).filter(([, value]) => !ONE_REFERENCE.test(value));
  return {
    command: descriptor.command,
    args: descriptor.args,
    ...(literal.length === 0 ? {} : { env: Object.fromEntries(literal) }),
    ...passed,
  };
}

function httpEntry(descriptor: HttpDescriptor): ConfigMap {
  const entry: Record<string, ConfigValue> = { url: plainReferences(descriptor.url) };
  const literal: Record<string, string> = {};
  const referred: Record<string, string> = {};
  for (const [name, value] of Object.entries(mapValues(descriptor.headers, plainReferences))) {
    const bearer = BEARER_REFERENCE.exec(value)?.[1];
    const variable = ONE_REFERENCE.exec(value)?.[1];
    if (name.toLowerCase() === 'authorization' && bearer !== undefined) entry['bearer_token_env_var'] = bearer;
    else if (variable !== undefined) referred[name] = variable;
    else literal[name] = value;
  }
  if (Object.keys(literal).length > 0) entry['http_headers'] = literal;
  if (Object.keys(referred).length > 0) entry['env_http_headers'] = referred;
  return entry;
}

function readEntry(entry: ConfigMap): ServerDescriptor | null {
  if (ownValue(entry, 'enabled') === false) return null;
  const url = ownValue(entry, 'url');
  const command = ownValue(entry, 'command');
  if (typeof url === 'string') {
    const bearer = ownValue(entry, 'bearer_token_env_var');
    const authorization: Record<string, string> =
      typeof bearer === 'string' ? { Authorization: `Bearer \${${bearer}}` } : {};
    const referred = mapValues(strings(ownValue(entry, 'env_http_headers')), (name) => `\${${name}}`);
    return {
      type: 'http',
      url,
      headers: { ...strings(ownValue(entry, 'http_headers')), ...referred, ...authorization },
    };
  }
  if (typeof command !== 'string' || command === '') return null;
  const args = list(ownValue(entry, 'args'));
  const script = command === SHELL && args[0] === '-c' ? args[1] : undefined;
  const wrapped = script === undefined ? null : readWrapperScript(script);
  if (wrapped !== null) return wrapped;
  const passed = Object.fromEntries(list(ownValue(entry, 'env_vars')).map((name) => [name, `\${${name}}`]));
  return { type: 'stdio', command, args: [...args], env: { ...strings(ownValue(entry, 'env')), ...passed } };
}

function strings(value: ConfigValue | undefined): Record<string, string> {
  if (!isMap(value ?? null)) return {};
  return Object.fromEntries(
    Object.entries(value as ConfigMap).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  ); // checked one line above
}

function list(value: ConfigValue | undefined): readonly string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}

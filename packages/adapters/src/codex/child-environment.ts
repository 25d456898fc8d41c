import type { ServerDescriptor } from '@molecule/contracts';
import { expandedOrLiteral, mapValues, plainReferences } from '../native-config/references.ts';
import { isPassThrough, referencedNames } from './reference-wrapper.ts';

/** Variables that the runtime lets through to every server; everything else it keeps to itself (T39). */
const INHERITED = [
  'HOME',
  'LOGNAME',
  'PATH',
  'SHELL',
  'USER',
  '__CF_USER_TEXT_ENCODING',
  'LANG',
  'LC_ALL',
  'TERM',
  'TMPDIR',
  'TZ',
];

/** What a server receives: the few inherited variables, those that its entry names, and the values that the shell puts in place. */
export function codexChildEnvironment(
  parent: Readonly<Record<string, string>>,
  server: ServerDescriptor,
): Readonly<Record<string, string>> {
  if (server.type === 'http') return {};
  const descriptor = {
    type: 'stdio' as const,
    command: plainReferences(server.command),
    args: server.args.map(plainReferences),
    env: mapValues(server.env, plainReferences),
  };
  const passed = [...INHERITED, ...referencedNames(descriptor)];
  const env: Record<string, string> = {};
  for (const name of passed) if (parent[name] !== undefined) env[name] = parent[name];
  // A variable that is passed on and not set is absent; the shell refuses to start the server instead.
  const own = Object.entries(descriptor.env).filter(
    ([name, value]) => !(isPassThrough(descriptor) && value === `\${${name}}`),
  );
  return { ...env, ...mapValues(Object.fromEntries(own), (value) => expandedOrLiteral(value, parent)) };
}

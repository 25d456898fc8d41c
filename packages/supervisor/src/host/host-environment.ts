import type { RuntimeAdapter } from '@molecule/adapters';

/** What programs of a machine need to find their files, speak the person's language and trust the machine's certificates. */
const MACHINE: readonly string[] = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'TMPDIR',
  'XDG_RUNTIME_DIR',
  'TZ',
  'LANG',
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
];
const LOCALE = /^LC_[A-Z]+$/;

/**
 * Environment for the process of a box host: of the one given only what the host itself and the detection of runtimes look at. Whatever else the person has
 * (provider keys, the master key, a database address with its password) stays with `molecule up`, since the environment of a process can be read for as long as it lives.
 */
export function hostEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  adapters: readonly Pick<RuntimeAdapter, 'hostVariables'>[],
): Record<string, string> {
  const wanted = new Set([...MACHINE, ...adapters.flatMap((adapter) => adapter.hostVariables)]);
  const kept = Object.entries(env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && (wanted.has(entry[0]) || LOCALE.test(entry[0])),
  );
  return Object.fromEntries(kept);
}

/**
 * Variables that every program obeys before its first own instruction, or that shells obey: the list of the C library for programs
 * with more rights than their caller (glibc, `unsecvars.h`), and those of shells.
 */
const OBEYED =
  /^(?:LD_|GLIBC_|MALLOC_|BASH|GCONV_PATH$|GETCONF_DIR$|HOSTALIASES$|LOCALDOMAIN$|LOCPATH$|NIS_PATH$|NLSPATH$|RESOLV_HOST_CONF$|RES_OPTIONS$|TZDIR$|ENV$|SHELLOPTS$|PS4$)/;
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const HELD = 'MOLECULE_INNER_';

export interface InnerEnvironment {
  /** What the programs that lead into the sandbox may see: nothing in it makes them do anything. */
  readonly outside: Readonly<Record<string, string>>;
  /** Goes before the command within the sandbox and gives it what was held back; empty where nothing was. */
  readonly prefix: readonly string[];
}

/**
 * Takes an environment past the programs that still run outside of a sandbox (nsenter, a shell, bubblewrap). A plugin or a secret may set
 * `LD_PRELOAD` for a program of the box: read outside, it would load a library of the box with the rights of the box host. Values are
 * never in arguments, which every user of the machine can read. What has no proper name is left out.
 */
export function innerEnvironment(given: Readonly<Record<string, string>>): InnerEnvironment {
  const named = Object.entries(given).filter(([name]) => NAME.test(name));
  const held = named.map(([name]) => name).filter((name) => OBEYED.test(name));
  const outside = Object.fromEntries(
    named.map(([name, value]) => [held.includes(name) ? `${HELD}${name}` : name, value]),
  );
  if (held.length === 0) return { outside, prefix: [] };
  const names = held.map((name) => `${HELD}${name}`);
  const exports = held.map((name, at) => `${name}=$${names[at]}`);
  const script = `${exports.join(' ')}; export ${held.join(' ')}; unset ${names.join(' ')}; exec "$@"`;
  return { outside, prefix: ['/bin/sh', '-c', script, 'sh'] };
}

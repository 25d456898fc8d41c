/**
 * The parts of the operating system that every box can read, so that shells, compilers and language runtimes work.
 * Everything else (`/root`, `/home`, `/run` with its sockets, `/var`, `/sys`) is absent from a box.
 */
export const SYSTEM_DIRECTORIES: readonly string[] = [
  '/usr',
  '/bin',
  '/sbin',
  '/lib',
  '/lib32',
  '/lib64',
  '/libx32',
  '/nix/store',
];

/** `/etc` is given entry by entry (`makeEtcImage`): it also holds password hashes, host keys and the secrets of services. */
export const SYSTEM_CONFIGURATION: readonly string[] = [
  'alternatives',
  'bash.bashrc',
  'ca-certificates',
  'ca-certificates.conf',
  'crypto-policies',
  'debian_version',
  'fonts',
  'gai.conf',
  'host.conf',
  'hosts',
  'java',
  'ld.so.cache',
  'ld.so.conf',
  'ld.so.conf.d',
  'locale.alias',
  'locale.conf',
  'localtime',
  'login.defs',
  'magic',
  'mime.types',
  'networks',
  'nsswitch.conf',
  'os-release',
  'pki',
  'profile',
  'profile.d',
  'protocols',
  'python3',
  'rpc',
  'services',
  'shells',
  'ssl',
  'terminfo',
  'timezone',
].map((name) => `/etc/${name}`);

/** Private keys below the directories above. The box host may be root, and then its boxes could read them. */
export const SYSTEM_SECRETS: readonly string[] = ['/etc/ssl/private', '/etc/pki/tls/private', '/etc/pki/private'];

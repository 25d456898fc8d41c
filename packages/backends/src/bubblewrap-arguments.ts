import type { BoxIdentity } from './isolation-policy.ts';
import type { Mount } from './mount-plan.ts';

/** Size of a box's private `/tmp`, which lives in memory. */
const PRIVATE_TMP_BYTES = 1024 * 1024 * 1024;

export interface BubblewrapSetup {
  readonly mounts: readonly Mount[];
  readonly identity: BoxIdentity;
  /** Directory shown as `/etc`, see `makeEtcImage`. */
  readonly etcImage: string;
  /** Files shown as `/etc/passwd` and `/etc/group`, see `writeIdentityTables`. */
  readonly tables: { readonly passwd: string; readonly group: string };
  /** `own`: an empty network. `joined`: the network that the caller has entered before. `shared`: the machine's. */
  readonly network: 'own' | 'joined' | 'shared';
  /** Whether this bubblewrap can forbid further user namespaces (0.8 and later). */
  readonly canDisableNamespaces: boolean;
}

/**
 * The arguments of bubblewrap up to, and without, the working directory and the command.
 *
 * The environment is not among them: arguments are open to every user of the machine in `/proc`, the environment is not.
 */
export function bubblewrapArguments(setup: BubblewrapSetup): string[] {
  const { identity } = setup;
  const args = ['--unshare-user', '--uid', String(identity.uid), '--gid', String(identity.gid)];
  if (setup.canDisableNamespaces) args.push('--disable-userns');
  // A new pid namespace needs its own /proc, else the processes of the machine and their environments stay readable.
  args.push('--unshare-pid', '--unshare-ipc', '--unshare-uts', '--unshare-cgroup-try');
  if (setup.network === 'own') args.push('--unshare-net');
  args.push('--die-with-parent', '--new-session');

  args.push(
    '--proc',
    '/proc',
    '--dev',
    '/dev',
    '--size',
    String(PRIVATE_TMP_BYTES),
    '--perms',
    '1777',
    '--tmpfs',
    '/tmp',
  );
  args.push('--dir', '/var', '--symlink', '../tmp', '/var/tmp', '--dir', '/run', '--ro-bind', setup.etcImage, '/etc');
  args.push('--ro-bind', setup.tables.passwd, '/etc/passwd', '--ro-bind', setup.tables.group, '/etc/group');
  const covers: string[] = [];
  for (const mount of setup.mounts) {
    switch (mount.kind) {
      case 'read_only':
        args.push('--ro-bind', mount.source, mount.path);
        break;
      case 'writable':
        args.push('--bind', mount.source, mount.path);
        break;
      case 'symlink':
        args.push('--symlink', mount.target, mount.path);
        break;
      case 'empty_directory':
        args.push('--tmpfs', mount.path);
        covers.push(mount.path);
        break;
      case 'empty_file':
        args.push('--ro-bind', '/dev/null', mount.path);
        break;
    }
  }
  // Last, because deeper mounts need their mount points made first: a write that would silently vanish is refused instead.
  // /proc too: where the box host is root, the agent's user is the machine's root to the owner checks of /proc/sys and /proc/sysrq-trigger, and
  // without this it could write `kernel.core_pattern`, which makes the machine run a program of its choice. Bubblewrap 0.8 does not cover it.
  for (const path of [...covers, '/proc', '/']) args.push('--remount-ro', path);
  return args;
}

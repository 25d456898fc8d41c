/** Hosts behind the short schemes, so that a short and a long form of the same place have one identity. */
export interface SourceHosts {
  readonly github: string;
  /** Host of the configured base of `gitea://`; null = none is configured. */
  readonly gitea: string | null;
}

const HOSTS: SourceHosts = { github: 'github.com', gitea: null };

export interface SourceIdentity {
  /** One spelling for a place, without ref and folder: `git:host/owner/repo`, `npm:name`, `builtin:name`, `file:path`. */
  readonly place: string;
  /** Who publishes there: `git:host/owner`, `npm:@scope`, `builtin`, `file`. */
  readonly publisher: string;
  /** Last part of the place: what an install name is derived from (B29). */
  readonly lastName: string;
}

/**
 * What a source string points at, whatever it is spelled like: scheme aliases, case, user names, ports, `.git`, trailing slashes, percent signs,
 * refs and folders do not count (B29, T13). Never throws: it must recognise also what no fetcher would take.
 */
export function sourceIdentity(source: string, hosts: SourceHosts = HOSTS): SourceIdentity {
  const text = decoded(source.normalize('NFKC').trim()).toLowerCase().replaceAll('\\', '/');
  const body = (text.split('#', 1)[0] ?? '').split('?', 1)[0] ?? '';
  if (body.startsWith('npm:')) {
    const spec = body.slice('npm:'.length);
    const at = spec.indexOf('@', 1);
    const name = at < 0 ? spec : spec.slice(0, at);
    return {
      place: `npm:${name}`,
      publisher: `npm:${name.startsWith('@') ? (name.split('/', 1)[0] ?? name) : name}`,
      lastName: foldName(name),
    };
  }
  if (body.startsWith('builtin:') || !/[:/]/.test(body)) {
    const name = foldName(body.replace(/^builtin:/, ''));
    return { place: `builtin:${name}`, publisher: 'builtin', lastName: name };
  }
  if (body.startsWith('file:') || body.startsWith('/')) {
    const path = plainPath(body.replace(/^file:(?:\/\/(?=\/))?/, ''));
    return { place: `file:${path}`, publisher: 'file', lastName: foldName(path) };
  }
  return gitIdentity(body, hosts);
}

function gitIdentity(body: string, hosts: SourceHosts): SourceIdentity {
  // scp form `user@host:path`, then URL forms; both without the user.
  const scp = /^(?:[^@/:]+@)([^/:]+):(?!\/)(.+)$/.exec(body);
  const short = /^(github|gitea):(?:\/\/)?(.+)$/.exec(body);
  const url = /^(?:[a-z+.-]+:)?\/\/(?:[^@/]*@)?([^/]+)\/(.*)$/.exec(body);
  const host =
    short === null ? (scp?.[1] ?? url?.[1] ?? '') : short[1] === 'github' ? hosts.github : (hosts.gitea ?? 'gitea');
  const path = plainPath(short?.[2] ?? scp?.[2] ?? url?.[2] ?? body);
  const bare = host
    .replace(/:(?:80|443|22)$/, '')
    .replace(/^(?:www|ssh)\./, '')
    .replace(/\.$/, '');
  return {
    place: `git:${bare}/${path}`,
    publisher: `git:${bare}/${path.split('/', 1)[0] ?? ''}`,
    lastName: foldName(path),
  };
}

/** A name without the differences that do not make another plugin: case, separators, scope, folders, `.git`. */
export function foldName(name: string): string {
  const last = name.normalize('NFKC').trim().toLowerCase().replace(/\/+$/, '').split('/').at(-1) ?? '';
  return last
    .replace(/\.git$/, '')
    .replace(/[\s._-]+/g, '-')
    .replace(/^-|-$/g, '');
}

function plainPath(path: string): string {
  return path
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/')
    .replace(/\.git$/, '')
    .replaceAll('_', '-');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

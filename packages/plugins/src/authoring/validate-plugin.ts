import { isMoleculeError, type PluginManifest } from '@molecule/contracts';
import type { TreeFile } from '../artifact/tree-digest.ts';
import { TreeGate } from '../artifact/tree-gate.ts';
import { DEFAULT_LIMITS } from '../artifact/tree-limits.ts';
import { parseManifest } from '../manifest/parse-manifest.ts';
import { skillProblems } from './skill-problems.ts';

export interface PluginProblem {
  /** `error`: it cannot be installed, or would not work; `warning`: it can, but its author should know. */
  readonly severity: 'error' | 'warning';
  readonly file: string | null;
  readonly message: string;
}

export interface PluginValidation {
  /** Null when it cannot be read at all. */
  readonly manifest: PluginManifest | null;
  readonly problems: readonly PluginProblem[];
}

const SECRET_NAME = /(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL)S?$/i;
const REFERENCE = /\$\{/;
/** Texts that look like a secret whatever their place is called. */
const SECRET_VALUE =
  /(?:\bsk-[A-Za-z0-9_-]{16,}|\bgh[pousr]_[A-Za-z0-9]{20,}|\bxox[abprs]-[A-Za-z0-9-]{10,}|\bAKIA[0-9A-Z]{16}\b|-----BEGIN [A-Z ]*PRIVATE KEY-----|\beyJ[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{20,}\.)/;

/** Looks at a package as the control plane would, and further: what would be refused, and what would surprise its author. Pure. */
export function validatePlugin(files: readonly TreeFile[], label: string): PluginValidation {
  const problems: PluginProblem[] = [];
  try {
    const gate = new TreeGate(label, DEFAULT_LIMITS);
    for (const file of files) gate.admit({ path: file.path, type: 'file', sizeBytes: file.content.length });
    const manifest = parseManifest(files, label);
    problems.push(
      ...manifestProblems(manifest),
      ...serverProblems(manifest, files),
      ...secretProblems(manifest, files),
    );
    for (const skill of manifest.skills) problems.push(...skillProblems(skill, files));
    return { manifest, problems };
  } catch (error) {
    if (!isMoleculeError(error)) throw error;
    return {
      manifest: null,
      problems: [{ severity: 'error', file: null, message: String(error.params['detail'] ?? error.message) }],
    };
  }
}

function manifestProblems(manifest: PluginManifest): PluginProblem[] {
  const problems: PluginProblem[] = [];
  if (manifest.version === null)
    problems.push({
      severity: 'warning',
      file: 'plugin.json',
      message: 'has no version; people will not see what an upgrade changes',
    });
  if (manifest.description === '')
    problems.push({ severity: 'warning', file: 'plugin.json', message: 'has no description' });
  if (manifest.entitlement === 'privileged')
    problems.push({
      severity: 'warning',
      file: 'plugin.json',
      message: 'asks to be privileged: only the concierge can have it',
    });
  if (manifest.servers.length + manifest.skills.length + manifest.instructions.length === 0)
    problems.push({ severity: 'error', file: null, message: 'it brings no server, no skill and no instruction' });
  for (const part of manifest.dropped)
    problems.push({
      severity: 'warning',
      file: part,
      message: 'is not carried over: no runtime besides its own knows it',
    });
  return problems;
}

function serverProblems({ servers, setup }: PluginManifest, files: readonly TreeFile[]): PluginProblem[] {
  const has = (path: string): boolean => files.some((file) => file.path === path);
  return servers.flatMap(({ name, descriptor, required, requiredTools }): PluginProblem[] => {
    const problems: PluginProblem[] = [];
    if (required && requiredTools.length === 0)
      problems.push({
        severity: 'warning',
        file: 'plugin.json',
        message: `the server ${name} is required but names no tool that proves it`,
      });
    if (descriptor.type === 'http') {
      if (/^http:/.test(descriptor.url))
        problems.push({
          severity: 'warning',
          file: 'mcp.json',
          message: `the server ${name} is reached without encryption`,
        });
      return problems;
    }
    if (/^(?:npx|uvx|bunx|pnpx)$/.test(descriptor.command))
      problems.push({
        severity: 'warning',
        file: 'mcp.json',
        message: `the server ${name} starts with ${descriptor.command}, which downloads at each cold start and may not be reached from a box; ship the program in the package`,
      });
    for (const value of [descriptor.command, ...descriptor.args]) {
      const own = /^(?:\$\{(?:CLAUDE_)?PLUGIN_ROOT\}\/|\.\/)(.+)$/.exec(value)?.[1];
      if (own !== undefined && setup === null && !has(own))
        problems.push({
          severity: 'error',
          file: 'mcp.json',
          message: `the server ${name} refers to ${own}, which the package does not have`,
        });
      if (value.startsWith('/'))
        problems.push({
          severity: 'warning',
          file: 'mcp.json',
          message: `the server ${name} refers to ${value}, which exists on your machine and perhaps nowhere else`,
        });
    }
    return problems;
  });
}

function secretProblems({ servers }: PluginManifest, files: readonly TreeFile[]): PluginProblem[] {
  const problems: PluginProblem[] = [];
  for (const { name, descriptor } of servers) {
    const pairs = Object.entries(descriptor.type === 'http' ? descriptor.headers : descriptor.env);
    for (const [key, value] of pairs) {
      if ((SECRET_NAME.test(key) || /^authorization$/i.test(key)) && value !== '' && !REFERENCE.test(value)) {
        problems.push({
          severity: 'error',
          file: 'mcp.json',
          message: `the server ${name} holds a value for ${key}; write \${secret:${key.replace(/\W/g, '_').toUpperCase()}} instead`,
        });
      }
    }
  }
  for (const file of files) {
    if (file.content.length < 1_000_000 && SECRET_VALUE.test(file.content.toString('utf8')))
      problems.push({
        severity: 'error',
        file: file.path,
        message: 'holds something that looks like a secret; everybody who can install the plugin could read it',
      });
  }
  return problems;
}

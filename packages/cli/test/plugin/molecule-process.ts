import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const PROBE = fileURLToPath(new URL('../../../adapters/test/conformance/probe-server.mjs', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `molecule …` as a process of its own, from the sources, as a person would in a shell. */
export function molecule(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const child = spawn(process.execPath, ['--conditions=source', MAIN, ...args], {
    env: { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve, reject) =>
    child.once('error', reject).once('close', (code) => resolve({ code, stdout, stderr })),
  );
}

/** A folder of its own for one test, removed when it ends. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'molecule-cli-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes a plugin whose one server is the small probe server; `log` gets what happens to it. */
export function writePlugin(folder: string, name: string, server: Readonly<Record<string, unknown>> = {}): string {
  const path = join(folder, name);
  mkdirSync(join(path, 'skills/audit'), { recursive: true });
  writeFileSync(join(path, 'skills/audit/SKILL.md'), '---\nname: audit\ndescription: Audits.\n---\nThe body.\n');
  writeFileSync(join(path, 'HOW.md'), `Use ${name}.\n`);
  const settings = {
    servers: { [name]: { required: true, requiredTools: ['provision_workspace'] } },
    instructions: ['HOW.md'],
  };
  writeFileSync(
    join(path, 'plugin.json'),
    JSON.stringify({ name, version: '1.0.0', description: 'A plugin.', molecule: settings }),
  );
  const probe = {
    command: process.execPath,
    args: [PROBE, join(folder, 'probe.jsonl')],
    env: { TOKEN: '${secret:PROBE_TOKEN}' },
    ...server,
  };
  writeFileSync(join(path, 'mcp.json'), JSON.stringify({ mcpServers: { [name]: probe } }));
  return path;
}

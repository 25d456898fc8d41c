#!/usr/bin/env node
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { AGENT_ENV } from './environment-names.ts';
import { AGENT_VERSION } from './version.ts';

const USAGE = `Usage: molecule-agent --stream | -p PROMPT [--resume SESSION] | --version

  --stream          read JSON lines (turn, cancel, reload, warm, status) on stdin, write events on stdout
  -p, --prompt      run one turn and print its events
  --resume SESSION  go on with a stored session (with -p)

Configuration is in $${AGENT_ENV.home} (default ~/.molecule-agent): config.json, AGENTS.md, skills/.
`;

/** Modes load on demand, so that \`--version\` costs no more than a bare start of Node. */
async function main(): Promise<number> {
  let values: { stream?: boolean; version?: boolean; help?: boolean; prompt?: string; resume?: string };
  try {
    ({ values } = parseArgs({
      options: {
        stream: { type: 'boolean' },
        version: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
        prompt: { type: 'string', short: 'p' },
        resume: { type: 'string' },
      },
    }));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    return 2;
  }
  if (values.version === true) {
    process.stdout.write(`${AGENT_VERSION} (molecule-agent)\n`);
    return 0;
  }
  const home = process.env[AGENT_ENV.home] ?? join(homedir(), '.molecule-agent');
  if (values.stream === true) {
    const { streamMode } = await import('./modes/stream-mode.ts');
    await streamMode(home, process.cwd(), process.env);
    return 0;
  }
  if (values.prompt !== undefined) {
    const { oneShot } = await import('./modes/one-shot.ts');
    return oneShot(home, process.cwd(), process.env, values.prompt, values.resume ?? null);
  }
  process.stderr.write(USAGE);
  return values.help === true ? 0 : 2;
}

// Libraries may hold sockets open; nothing of ours is left to do.
process.exit(await main());

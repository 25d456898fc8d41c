import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { cleanEnv } from './installation.mjs';
import { endChild, within } from './within.mjs';

const TURN_LIMIT_MS = 60_000;
const END_GRACE_MS = 2_000;

/**
 * The real Claude Code driven by hand on a scripted model, with one MCP server: what turns through Molecule are compared with.
 * @param setup `{ claude, mcp, model, folder }`: the binary, an MCP configuration, the model's address, a folder for homes
 */
export function bareClaude({ claude, mcp, model, folder }) {
  const start = (args) => {
    const home = mkdtempSync(join(folder, 'home-'));
    const env = cleanEnv({
      HOME: home,
      CLAUDE_CONFIG_DIR: join(home, '.claude'),
      ANTHROPIC_BASE_URL: model,
      ANTHROPIC_AUTH_TOKEN: 'bench',
      ANTHROPIC_MODEL: 'scripted',
      ANTHROPIC_DEFAULT_HAIKU_MODEL: 'scripted',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      DISABLE_AUTOUPDATER: '1',
      DISABLE_TELEMETRY: '1',
      ENABLE_TOOL_SEARCH: 'false',
      MCP_CONNECTION_NONBLOCKING: '0',
    });
    const stdio = ['pipe', 'pipe', 'ignore'];
    return spawn(claude, ['-p', ...args, '--mcp-config', mcp, '--strict-mcp-config'], { cwd: home, env, stdio });
  };

  return {
    /** One turn in a process of its own. @returns milliseconds */
    cold: async (prompt) => {
      const from = performance.now();
      const child = start(['--output-format', 'json', prompt]);
      child.stdin.end();
      let text = '';
      child.stdout.on('data', (chunk) => (text += chunk));
      try {
        const code = await within(
          TURN_LIMIT_MS,
          'a cold turn of the bare CLI',
          new Promise((resolve) => child.once('close', resolve)),
        );
        if (code !== 0 || JSON.parse(text).is_error === true) throw new Error(`claude ended with ${code}: ${text}`);
        return performance.now() - from;
      } finally {
        await endChild(child, END_GRACE_MS);
      }
    },

    /** A process that is kept for many turns. */
    warm: () => {
      const stream = ['--input-format', 'stream-json', '--output-format', 'stream-json'];
      const child = start([...stream, '--verbose', '--include-partial-messages']);
      let [ended, failed] = [() => undefined, () => undefined];
      child.once('close', (code) => failed(new Error(`the bare CLI ended with ${code}`)));
      createInterface({ input: child.stdout }).on('line', (line) => {
        if (JSON.parse(line).type === 'result') ended();
      });
      return {
        turn: async (prompt) => {
          const from = performance.now();
          const end = new Promise((resolve, reject) => ([ended, failed] = [resolve, reject]));
          child.stdin.write(`${JSON.stringify({ type: 'user', message: { role: 'user', content: prompt } })}\n`);
          await within(TURN_LIMIT_MS, 'a warm turn of the bare CLI', end);
          return performance.now() - from;
        },
        end: () => endChild(child, END_GRACE_MS),
      };
    },
  };
}

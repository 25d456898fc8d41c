// Cost of a no-op `plugin render` beside bare `node`, and beside other tools that sync MCP servers into agent configurations.
//   node bench/render.mjs [--rounds 21] [--peers]
// Runs take turns, so that whatever else the machine does meets all of them alike. `--peers` installs the others from npm into a
// temporary folder, without their install scripts.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { report } from './support/report.mjs';
import { median } from './support/statistics.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const rounds = Number(process.argv[process.argv.indexOf('--rounds') + 1]) || 21;
const scratch = mkdtempSync(join(tmpdir(), 'molecule-bench-'));
const cli = join(root, 'packages/cli/dist/main.js');
const LIMIT = 2;
const RUNTIMES = ['claude-code', 'codex', 'gemini-cli', 'opencode', 'qwen-code', 'copilot-cli', 'hermes', 'openclaw'];

const plugin = join(scratch, 'plugin');
mkdirSync(join(plugin, 'skills/audit'), { recursive: true });
writeFileSync(join(plugin, 'skills/audit/SKILL.md'), '---\nname: audit\ndescription: Audits.\n---\n');
writeFileSync(
  join(plugin, 'plugin.json'),
  JSON.stringify({ name: 'bench', version: '1.0.0', description: 'A plugin.' }),
);
writeFileSync(
  join(plugin, 'mcp.json'),
  JSON.stringify({
    mcpServers: {
      one: { command: 'node', args: ['one.js'], env: { TOKEN: '${TOKEN}' } },
      two: { type: 'http', url: 'http://127.0.0.1:1/mcp' },
    },
  }),
);
const home = join(scratch, 'home');
mkdirSync(join(home, '.codex'), { recursive: true });
writeFileSync(
  join(home, '.claude.json'),
  JSON.stringify({ numStartups: 3, mcpServers: { mine: { command: 'true' } } }, null, 2),
);
writeFileSync(join(home, '.codex/config.toml'), '# mine\nmodel = "x"\n\n[mcp_servers.mine]\ncommand = "true"\n');

const cases = [{ name: 'node -e 0', command: process.execPath, args: ['-e', '0'] }];
for (const runtime of RUNTIMES) {
  const args = [cli, 'plugin', 'render', plugin, '--runtime', runtime, '--home', home];
  run({ name: runtime, command: process.execPath, args });
  cases.push({ name: `render ${runtime}`, command: process.execPath, args });
}
if (process.argv.includes('--peers')) cases.push(...peers());

const times = new Map(cases.map(({ name }) => [name, []]));
for (let round = 0; round < rounds; round += 1) for (const each of cases) times.get(each.name).push(run(each));
const bare = median(times.get('node -e 0'));
for (const [name, all] of times) {
  const ratio = median(all) / bare;
  if (name.startsWith('render '))
    report(
      `no-op ${name}`,
      `${ratio.toFixed(2)} x bare node`,
      `${LIMIT} x`,
      ratio <= LIMIT,
      `${median(all).toFixed(1)} ms, best ${Math.min(...all).toFixed(1)} ms, bare ${bare.toFixed(1)} ms`,
    );
  else
    console.log(
      `   ${name}: ${median(all).toFixed(1)} ms, best ${Math.min(...all).toFixed(1)} ms, ${ratio.toFixed(2)} x bare node`,
    );
}
rmSync(scratch, { recursive: true, force: true });

function run({ name, command, args, cwd, env }) {
  const started = performance.now();
  const done = spawnSync(command, args, {
    cwd: cwd ?? scratch,
    env: { PATH: process.env.PATH, HOME: home, ...env },
    encoding: 'utf8',
  });
  if (done.status !== 0) throw new Error(`${name} failed: ${done.stderr}${done.stdout}`);
  return performance.now() - started;
}

/** What can be had from npm at once: the others' own no-op on the same two servers. One that does not install or run is left out, and said. */
function peers() {
  const folder = join(scratch, 'peers');
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{"private":true}');
  const wanted = [
    { pkg: 'add-mcp', args: ['http://127.0.0.1:1/mcp', '-a', 'claude-code', '-a', 'codex', '-g', '-y', '-n', 'two'] },
    {
      pkg: '@intellectronica/ruler',
      bin: 'ruler',
      args: ['apply', '--local-only', '--agents', 'claude,codex'],
      files: { '.ruler/AGENTS.md': 'x', '.ruler/ruler.toml': '[mcp_servers.two]\nurl = "http://127.0.0.1:1/mcp"\n' },
    },
    {
      pkg: 'rulesync',
      args: ['generate', '--targets', 'claudecode,codexcli', '--features', 'mcp'],
      files: {
        '.rulesync/mcp.json': '{"mcpServers":{"two":{"type":"http","url":"http://127.0.0.1:1/mcp"}}}',
        'rulesync.jsonc': '{}',
      },
    },
    {
      pkg: '@sentry/dotagents',
      bin: 'dotagents',
      args: ['sync'],
      files: {
        '.agents/.gitignore': '',
        'agents.toml':
          'version = 1\nagents = ["claude", "codex"]\n\n[[mcp]]\nname = "two"\nurl = "http://127.0.0.1:1/mcp"\n',
      },
    },
  ];
  return wanted.flatMap(({ pkg, bin = pkg, args, files = {} }) => {
    const installed = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', pkg], {
      cwd: folder,
      encoding: 'utf8',
      timeout: 120_000,
    });
    const command = join(folder, 'node_modules/.bin', bin);
    if (installed.status !== 0 || !existsSync(command)) {
      console.log(`${pkg}: not installed`);
      return [];
    }
    const cwd = join(scratch, `project-${bin}`);
    for (const [name, text] of Object.entries({ '.git/HEAD': 'ref: refs/heads/main\n', ...files })) {
      mkdirSync(join(cwd, name, '..'), { recursive: true });
      writeFileSync(join(cwd, name), text);
    }
    const theirs = join(scratch, `home-${bin}`);
    cpSync(home, theirs, { recursive: true });
    const each = { name: bin, command, args, cwd, env: { HOME: theirs } };
    try {
      run(each);
      run(each);
      return [each];
    } catch (error) {
      console.log(`${pkg}: ${String(error).split('\n', 2).join(' ').slice(0, 200)}`);
      return [];
    }
  });
}

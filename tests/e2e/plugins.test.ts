import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  MANAGEMENT_SERVER_NAME,
  type Message,
  type PluginInstalled,
  type Workspace,
  type WorkspacePlugin,
} from '@molecule/contracts';
import { newPlugin } from '@molecule/plugins';
import {
  type InstallationOptions,
  startTestInstallation,
  type TestInstallation,
  until,
} from '@molecule/testkit/installation';
import { verifies } from '@molecule/testkit/verifies';
import { expect, onTestFinished, test } from 'vitest';
import { type GitServer, gitServer } from '../../packages/plugins/test/servers/git-server.ts';
import { startKeyedUpstream } from './keyed-upstream.ts';
import { pathWithRuntimes } from './runtimes-path.ts';

const KEY = 'sk-ant-plugins-test-key';
const LIMIT = { timeout: 300_000 };

async function start(options: InstallationOptions = {}): Promise<TestInstallation> {
  const house = await startTestInstallation({
    ...options,
    env: { MOLECULE_ALLOW_LOOPBACK_SOURCES: '1', ...options.env },
  });
  onTestFinished(() => house.dispose());
  return house;
}

async function git(options: { credential?: string } = {}): Promise<GitServer> {
  const server = await gitServer(options);
  onTestFinished(() => server.close());
  return server;
}

/** What `plugin new` makes, as files of a repository. */
function files(name: string): Record<string, string> {
  return Object.fromEntries(newPlugin(name).map(({ path, content }) => [path, content.toString('utf8')]));
}

/** Every file and link of a box's home, without what the runtime itself keeps. */
function nativeFiles(house: TestInstallation, id: string, runtime: string): Record<string, string> {
  const folder = join(house.dataDir, 'boxes', id, 'home', runtime === 'claude-code' ? '.claude' : '.molecule-agent');
  const kept = /^(?:\.claude\.json|config\.json|CLAUDE\.md|AGENTS\.md|skills(?:\/.*)?)$/;
  return Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) => {
      const path = join(entry.parentPath, entry.name);
      const name = path.slice(folder.length + 1);
      if (!kept.test(name) || entry.isDirectory()) return [];
      return [[name, entry.isSymbolicLink() ? readlinkSync(path) : readFileSync(path, 'utf8')]];
    }),
  );
}

test.each(['molecule-agent', 'claude-code'])(
  verifies(
    ['I4-install', 'I4-uninstall', 'I4-skills', 'I4-git-server', 'B49', 'T24'],
    'on %s: installed from git while a conversation runs, used in its next turn, and gone without a trace',
  ),
  LIMIT,
  async (runtime) => {
    const server = await git();
    server.commit('o/greeter', files('greeter'));
    const upstream = await startKeyedUpstream(KEY, {
      script: (request) => {
        if (!request.prompt.includes('greet')) return { text: `I was asked ${request.prompt.length} letters.` };
        return request.results.length === 0
          ? { calls: [{ tool: 'hello', args: { name: 'Ada' } }] }
          : { text: `The tool said: ${JSON.stringify(request.results.at(-1))}` };
      },
    });
    onTestFinished(() => upstream.close());
    const house = await start({
      env: { ANTHROPIC_API_KEY: KEY, ANTHROPIC_BASE_URL: upstream.url, PATH: pathWithRuntimes() },
      args: ['--runtime', runtime],
    });
    expect((await house.cli('ws', 'create', 'one')).code).toBe(0);
    const one = (await house.http<Workspace>('GET', '/api/v1/workspaces/one')).body;
    const firstChat = await house.cli('chat', 'one', 'first words');
    expect(firstChat.code, firstChat.stderr + firstChat.stdout).toBe(0);
    const before = nativeFiles(house, one.id, runtime);

    const installed = await house.cli(
      '--json',
      'plugin',
      'install',
      `git+${server.url}/o/greeter#main`,
      '--workspace',
      'one',
    );
    expect(installed.code, installed.stdout).toBe(0);
    expect(JSON.parse(installed.stdout)).toMatchObject({
      plugin: { name: 'greeter', resolved: expect.stringMatching(/#[0-9a-f]{40}$/) },
      proof: { state: 'proved' },
    } satisfies object as Partial<PluginInstalled>);
    expect(Object.keys(nativeFiles(house, one.id, runtime))).toContain('skills/greeter');
    const chat = await house.cli('chat', 'one', 'now greet her');
    expect(chat.stdout, chat.stderr).toContain('Hello Ada!');
    // The same conversation went on.
    const conversations = (await house.http<{ items: { id: string }[] }>('GET', '/api/v1/workspaces/one/conversations'))
      .body.items;
    expect(conversations).toHaveLength(1);
    const messages = (
      await house.http<{ items: Message[] }>('GET', `/api/v1/conversations/${conversations[0]?.id}/messages`)
    ).body.items;
    expect(messages.filter(({ role }) => role === 'user').map(({ text }) => text)).toEqual([
      'first words',
      'now greet her',
    ]);

    const gone = await house.cli('plugin', 'uninstall', 'greeter', '--workspace', 'one');
    expect(gone.code, gone.stderr).toBe(0);
    await until(
      'the native files are as they were',
      () => JSON.stringify(nativeFiles(house, one.id, runtime)) === JSON.stringify(before),
      Boolean,
      120_000,
    );
    expect((await house.http<Workspace>('GET', '/api/v1/workspaces/one')).body.status).toBe('online');
  },
);

test.each(['claude-code', 'codex'])(
  verifies(
    ['I4-eviction', 'I7', 'T25', 'T26', 'B45', 'B49', 'B50', 'B52', 'I4-drift'],
    'the eviction incident on %s: the private fetch fails, the public one succeeds, the box is built anew; the real CLI lists both entries',
  ),
  LIMIT,
  async (runtime) => {
    const [open, closed] = [await git(), await git({ credential: 'reader:secret' })];
    open.commit('o/greeter', files('greeter'));
    closed.commit('o/private', files('private'));
    const house = await start({
      env: { PATH: pathWithRuntimes() },
      args: ['--runtime', runtime, '--model', 'demo/scripted'],
    });
    const concierge = house.ready.concierge?.id ?? '';
    const private_ = await house.cli('--json', 'plugin', 'install', `git+${closed.url}/o/private#main`);
    expect(JSON.parse(private_.stdout)).toMatchObject({ type: 'error', code: 'plugin_fetch_failed' });
    const public_ = await house.cli('--json', 'plugin', 'install', `git+${open.url}/o/greeter#main`);
    expect(public_.code, public_.stdout + public_.stderr).toBe(0);
    // The incident: the box is rebuilt, with every source away, and its whole home lost.
    open.behave('gone');
    closed.behave('gone');
    await house.down();
    rmSync(join(house.dataDir, 'boxes', concierge), { recursive: true, force: true });
    expect(await house.up()).toMatchObject({ concierge: { status: 'online', reason: null } });
    const listed = (await house.http<{ items: WorkspacePlugin[] }>('GET', `/api/v1/workspaces/${concierge}/plugins`))
      .body.items;
    expect(listed.map(({ name, state }) => [name, state])).toEqual([
      ['a2a', 'ready'],
      ['greeter', 'ready'],
      ['molecule-platform-mcp', 'ready'],
    ]);
    expect(await listedByCli(house, concierge, runtime)).toEqual(['a2a', 'greeter', MANAGEMENT_SERVER_NAME]);
    // An ordinary box beside it has the user's entry and nothing of the management.
    expect((await house.cli('ws', 'create', 'one')).code).toBe(0);
    const one = (await house.http<Workspace>('GET', '/api/v1/workspaces/one')).body;
    expect(await listedByCli(house, one.id, runtime)).toEqual(['a2a']);
  },
);

/** Asks the real CLI, with the files of the box and nothing else, which servers it has. */
async function listedByCli(house: TestInstallation, id: string, runtime: string): Promise<string[]> {
  const home = join(house.dataDir, 'boxes', id, 'home');
  await until(
    'the box is there and proved',
    async () =>
      (
        await house.http<{ servers: { rungs: { rung: string; state: string }[] }[] }>(
          'GET',
          `/api/v1/workspaces/${id}/readiness`,
        )
      ).body.servers,
    (servers) =>
      servers.length > 0 &&
      existsSync(home) &&
      servers.every(({ rungs }) => rungs.some(({ rung, state }) => rung === 'live' && state === 'passed')),
    120_000,
  );
  const env = {
    PATH: `${join(house.dataDir, 'bin')}:${pathWithRuntimes()}`,
    HOME: home,
    CLAUDE_CONFIG_DIR: join(home, '.claude'),
    CODEX_HOME: join(home, '.codex'),
    DISABLE_AUTOUPDATER: '1',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  };
  if (runtime === 'codex') {
    const out = JSON.parse(
      execFileSync('codex', ['mcp', 'list', '--json'], {
        env,
        cwd: home,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }),
    ) as { name: string }[]; // its documented answer
    return out.map(({ name }) => name).sort();
  }
  const out = execFileSync('claude', ['mcp', 'list'], {
    env,
    cwd: home,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return [...out.matchAll(/^(\S+?): .* - /gm)].map(([, name]) => name ?? '').sort();
}

test(
  verifies(
    ['I4-seo-agent', 'I4-first-party', 'I3'],
    'a fresh seo-agent gets config and prompts as assets and its skills through the plugin channel only',
  ),
  LIMIT,
  async () => {
    const house = await start();
    expect((await house.cli('ws', 'create', 'seo', '--template', 'seo-agent')).code).toBe(0);
    const seo = (await house.http<Workspace>('GET', '/api/v1/workspaces/seo')).body;
    expect(seo).toMatchObject({ status: 'online', model: 'demo/scripted' });
    const box = join(house.dataDir, 'boxes', seo.id);
    const read = (path: string): string => readFileSync(join(box, path), 'utf8');
    expect(read('work/seo/config.yaml').length).toBeGreaterThan(1024);
    expect(read('work/prompts/report.md').length).toBeGreaterThan(100);
    expect(read('home/.molecule-agent/AGENTS.md')).toContain('search engine specialist');
    const skills = readdirSync(join(box, 'home/.molecule-agent/skills')).sort();
    expect(skills).toEqual(['seo-audit', 'seo-content-brief', 'seo-keywords']);
    for (const skill of skills)
      expect(readlinkSync(join(box, 'home/.molecule-agent/skills', skill))).toContain(
        join(house.dataDir, 'artifacts', 'sha256-'),
      );
    // Negative control: no asset brings a skill, and without the plugin there is none.
    expect(execFileSync('find', [join(box, 'work'), '-name', 'SKILL.md'], { encoding: 'utf8' })).toBe('');
    expect((await house.cli('plugin', 'uninstall', 'seo-all', '--workspace', 'seo')).code).toBe(0);
    await until(
      'the skills are gone',
      () => readdirSync(join(box, 'home/.molecule-agent/skills')).length === 0,
      Boolean,
      120_000,
    );
    expect(read('work/seo/config.yaml').length).toBeGreaterThan(1024);
  },
);

test(
  verifies(
    ['I4-setup', 'T49', 'B51'],
    'a setup runs once in the box with its own secrets only; one that fails closes the gate of a required plugin and only says so for another',
  ),
  LIMIT,
  async () => {
    const house = await start();
    const folder = mkdtempSync(join(tmpdir(), 'molecule-setup-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const plugin = (name: string, setup: string, required: boolean): string => {
      const root = join(folder, name);
      const made = {
        ...files(name),
        'setup.mjs': setup,
        'plugin.json': JSON.stringify({
          name,
          version: '1.0.0',
          description: name,
          molecule: { required, servers: { [name]: { required } }, setup: { command: 'node', args: ['./setup.mjs'] } },
        }),
      };
      for (const [path, text] of Object.entries(made)) {
        execFileSync('mkdir', ['-p', join(root, path, '..')]);
        writeFileSync(join(root, path), text);
      }
      return `file:${root}`;
    };
    const note = `import { appendFileSync } from 'node:fs'; appendFileSync(process.env.PLUGIN_DATA + '/ran', Object.keys(process.env).sort().join(' ') + '\\n');`;
    expect((await house.cli('ws', 'create', 'one')).code).toBe(0);
    const one = (await house.http<Workspace>('GET', '/api/v1/workspaces/one')).body;
    const install = (source: string) => house.cli('--json', 'plugin', 'install', source, '--workspace', 'one');
    const good = await install(plugin('good', note, true));
    expect(good.code, good.stdout + good.stderr).toBe(0);
    const ran = join(house.dataDir, 'boxes', one.id, 'home/.molecule/plugins/good/ran');
    expect((await house.cli('ws', 'restart', 'one')).code).toBe(0);
    await until(
      'it is online again',
      async () => (await house.http<Workspace>('GET', '/api/v1/workspaces/one')).body.status,
      (status) => status === 'online',
      120_000,
    );
    const [variables, ...again] = readFileSync(ran, 'utf8').trim().split('\n');
    expect(again).toEqual([]);
    expect(variables?.split(' ').filter((name) => /KEY|TOKEN|SECRET|MOLECULE_(?!BOX_PROCESS$)/.test(name))).toEqual([]);

    const soft = JSON.parse((await install(plugin('soft', 'process.exit(3)', false))).stdout) as PluginInstalled;
    expect(soft.proof).toMatchObject({ state: 'failed', problems: ['soft: delivered setup_failed'] });
    expect((await house.http<Workspace>('GET', '/api/v1/workspaces/one')).body.status).toBe('online');
    const hard = JSON.parse((await install(plugin('hard', 'process.exit(4)', true))).stdout) as PluginInstalled;
    expect(hard.proof.state).toBe('failed');
    const failed = await until(
      'the gate is closed',
      async () => (await house.http<Workspace>('GET', '/api/v1/workspaces/one')).body,
      ({ status }) => status !== 'online',
      120_000,
    );
    expect(failed.signals.capability).toMatchObject({ status: 'failed' });
    expect(failed.signals.capability.message).toContain('setup_failed');
  },
);

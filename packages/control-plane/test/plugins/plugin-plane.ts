import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HEADER } from '@molecule/contracts';
import { onTestFinished } from 'vitest';
import { type GitServer, gitServer } from '../../../plugins/test/servers/git-server.ts';
import { type NpmRegistry, npmRegistry } from '../../../plugins/test/servers/npm-registry.ts';
import { type Answer, call, type Plane, startPlane } from '../plane.ts';
import { TestBox } from '../test-box.ts';

export interface PluginPlane extends Plane {
  readonly dataDir: string;
  readonly git: GitServer;
  readonly npm: NpmRegistry;
  /** A workspace whose box is registered, with that box. */
  box(name: string): Promise<{ readonly id: string; readonly box: TestBox }>;
  /** A request of the owner. */
  ask(method: string, path: string, body?: unknown): Promise<Answer>;
  /** A call of a management tool with the owner's rights. */
  tool(
    name: string,
    input: unknown,
    token: string,
  ): Promise<{ readonly isError: boolean; readonly text: string; readonly value: unknown }>;
}

/** A control plane with a real git server and a real npm registry beside it. */
export async function pluginPlane(sources: { readonly timeoutMs?: number } = {}): Promise<PluginPlane> {
  const dataDir = mkdtempSync(join(tmpdir(), 'molecule-plugin-plane-'));
  const [git, npm] = [await gitServer(), await npmRegistry()];
  const plane = await startPlane({
    dataDir,
    sources: {
      allowPrivateAddresses: true,
      githubUrl: git.url,
      giteaUrl: git.url,
      npmRegistry: npm.url,
      timeoutMs: 15_000,
      gitCredentialsFile: join(dataDir, 'git-credentials'),
      ...sources,
    },
  });
  onTestFinished(async () => {
    await git.close();
    await npm.close();
    rmSync(dataDir, { recursive: true, force: true });
  });
  writeFileSync(join(dataDir, 'git-credentials'), '');
  const host = await plane.host();
  const ask: PluginPlane['ask'] = (method, path, body) => call(plane.url, plane.ownerToken, method, path, body);
  return {
    ...plane,
    dataDir,
    git,
    npm,
    ask,
    box: async (name) => {
      const id = await plane.create(name);
      const box = await TestBox.enrol(plane, await host.next('start', id));
      await box.register();
      return { id, box };
    },
    tool: async (name, input, token) => {
      const body = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: input } };
      const response = await fetch(`${plane.url}/mcp`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          [HEADER.mcpMode]: 'management',
        },
        body: JSON.stringify(body),
      });
      const text = await response.text();
      const answer = JSON.parse(/^data: (.*)$/m.exec(text)?.[1] ?? text) as {
        result?: { isError?: boolean; content: { text: string }[]; structuredContent?: unknown };
      }; // an answer of JSON-RPC
      if (answer.result === undefined) throw new Error(text);
      return {
        isError: answer.result.isError === true,
        text: answer.result.content[0]?.text ?? '',
        value: answer.result.structuredContent,
      };
    },
  };
}

/** Files of a plugin with one server of one tool. */
export function pluginFiles(
  name: string,
  more: { readonly required?: boolean; readonly version?: string; readonly files?: Record<string, string> } = {},
): Record<string, string> {
  return {
    'plugin.json': JSON.stringify({
      name,
      version: more.version ?? '1.0.0',
      description: name,
      molecule: { servers: { [name]: { required: more.required ?? false, requiredTools: [] } } },
    }),
    'mcp.json': JSON.stringify({ mcpServers: { [name]: { command: 'node', args: ['${PLUGIN_ROOT}/server.mjs'] } } }),
    'server.mjs': `// ${name}\n`,
    [`skills/${name}-skill/SKILL.md`]: `---\nname: ${name}-skill\ndescription: d\n---\n`,
    ...more.files,
  };
}
